// Parallel coordinates: a line for each rule through its tokens, complexity, learning rate and reward. Drawn on a canvas:
// Plotly's needs WebGL with compiled functions, which the content security policy refuses.
import { percent } from "../format.js";
import { onThemeChange } from "../theme_switch.js";
import { askToDraw } from "./draw_queue.js";
import { drawAxes, EDGE, movedAxes, node, scaleOf } from "./parallel_axes.js";
import { nearestLine, yOf } from "./parallel_lines.js";
import { token } from "./style.js";

const SHADES = [[0, "chart-baseline", 0.22], [0.6, "chart-points", 0.4], [0.92, "chart-best", 0.75]]; // from this share of the best reward on

export class ParallelCoordinates {
  inSight = false;
  heldSince = 0;
  #element;
  #options;
  #columns = []; // {axis, x, scale}
  #shown = null; // what was drawn: {places, others, reward}
  #signature = "";

  /**
   * @param {{read: () => object|null, onRanges: Function, onMove: (keys: string[]) => void, open: (index: number) => void}} options
   *   read() gives {axes, places, others, ranges, reward}; null: nothing to show yet
   */
  constructor(element, options) {
    [this.#element, this.#options] = [element, options];
    onThemeChange(() => this.draw(true));
    new IntersectionObserver(([entry]) => this.#seen(entry.isIntersecting), { rootMargin: "200px" }).observe(element);
    new ResizeObserver(() => this.#shown && this.draw(true)).observe(element);
    element.addEventListener("pointerdown", () => (this.heldSince = performance.now()));
    window.addEventListener("pointerup", () => (this.heldSince = 0));
    element.addEventListener("pointermove", (event) => this.#point(event));
    element.addEventListener("pointerleave", () => this.#mark(null));
    element.addEventListener("click", (event) => this.#open(event));
  }

  draw(now = false) {
    askToDraw(this, now);
  }

  #seen(isIn) {
    this.inSight = isIn;
    if (isIn) this.draw(this.#shown === null);
  }

  paint() {
    const shown = this.#options.read();
    if (shown === null) return false;
    if (this.#shown === null) {
      this.#element.replaceChildren(document.createElement("canvas"), node("svg", {}), document.createElement("output"));
      this.#mark(null);
    }
    this.#shown = shown;
    const { clientWidth: width, clientHeight: height } = this.#element;
    const step = (width - 2 * EDGE.side) / Math.max(1, shown.axes.length - 1);
    this.#columns = shown.axes.map((axis, place) => {
      const values = axis.names ? [] : [...shown.places, ...shown.others].map(axis.value);
      return { axis, x: EDGE.side + place * step, scale: scaleOf(axis, values, height) };
    });
    this.#paintLines(width, height);
    this.#paintAxes(width, height);
    return true;
  }

  #paintLines(width, height) {
    const canvas = this.#element.querySelector("canvas");
    const ratio = window.devicePixelRatio;
    [canvas.width, canvas.height] = [width * ratio, height * ratio];
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    const { places, others, reward } = this.#shown;
    this.#stroke(pen, others, token("chart-baseline"), 0.12);
    const most = places.reduce((high, place) => Math.max(high, reward[place]), 0.01);
    SHADES.forEach(([from, colour, alpha], shade) => {
      const to = SHADES[shade + 1]?.[0] ?? Infinity;
      const these = places.filter((place) => reward[place] / most >= from && reward[place] / most < to);
      this.#stroke(pen, these, token(colour), Math.max(alpha / 2, alpha * Math.min(1, 150 / places.length)));
    });
  }

  #stroke(pen, places, colour, alpha) {
    Object.assign(pen, { strokeStyle: colour, globalAlpha: alpha, lineWidth: 1 });
    for (const place of places) {
      pen.beginPath(); // each by itself: one path of all of them takes browsers twenty times as long
      this.#trace(pen, place);
      pen.stroke();
    }
  }

  #trace(pen, place) {
    this.#columns.forEach((column, number) => (number ? pen.lineTo(column.x, yOf(column, place)) : pen.moveTo(column.x, yOf(column, place))));
  }

  #paintAxes(width, height) {
    const { ranges } = this.#shown;
    const same = [width, height, ...this.#columns.map(({ axis, scale }) => `${axis.key} ${scale.low} ${scale.high} ${ranges.get(axis.key)}`)].join();
    if (same === this.#signature) return;
    this.#signature = same;
    const svg = this.#element.querySelector("svg");
    const focused = svg.contains(document.activeElement) ? document.activeElement.dataset.axis : null;
    const onMove = (...how) => this.#options.onMove(movedAxes(this.#columns, ...how));
    drawAxes(svg, this.#columns, height, { ranges, onRanges: this.#options.onRanges, onMove });
    if (focused) svg.querySelector(`[data-axis="${focused}"]`)?.focus();
  }

  /** The rule whose line is at the pointer; null: none is. */
  #at({ clientX, clientY }) {
    const box = this.#element.getBoundingClientRect();
    return this.#shown && nearestLine(this.#columns, this.#shown.places, clientX - box.left, clientY - box.top);
  }

  #point(event) {
    if (event.buttons === 0) this.#mark(event.target.closest(".axis") ? null : this.#at(event), event);
  }

  #mark(place, event) {
    const svg = this.#element.querySelector("svg");
    if (!svg) return;
    this.heldSince = place === null ? 0 : this.heldSince || performance.now();
    svg.querySelector(".is-pointed")?.remove();
    this.#element.classList.toggle("is-pointing", place !== null);
    const label = this.#element.querySelector("output");
    label.hidden = place === null;
    if (place === null) return;
    const points = this.#columns.map((column) => `${column.x},${yOf(column, place)}`).join(" ");
    svg.append(node("polyline", { points, class: "is-pointed" }));
    label.textContent = `rule ${place} · ${percent(this.#shown.reward[place])}`;
    const box = this.#element.getBoundingClientRect();
    label.style.left = `${Math.min(event.clientX - box.left + 12, box.width - 150)}px`;
    label.style.top = `${event.clientY - box.top - 30}px`;
  }

  #open(event) {
    if (event.target.closest(".axis")) return;
    const place = this.#at(event);
    if (place !== null) this.#options.open(place);
  }
}
