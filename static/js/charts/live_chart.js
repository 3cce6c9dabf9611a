// A chart of the live page: drawn when it is in sight and its turn has come; zoom and hidden traces stand in the address;
// one click on a point opens its rule.
import { onThemeChange } from "../theme_switch.js";
import { readList, readNumbers, write, writeNumbers } from "../url_state.js";
import { askToDraw } from "./draw_queue.js";
import { loadPlotly } from "./plotly.js";
import { CONFIG } from "./style.js";

// The same button and double click lead to all of the data, whatever the address asked for first.
const LIVE_CONFIG = { ...CONFIG, doubleClick: "autosize" };
LIVE_CONFIG.modeBarButtonsToRemove = [...CONFIG.modeBarButtonsToRemove.filter((name) => name !== "autoScale2d"), "resetScale2d"];
const NEAR = "200px"; // a chart that is about to come into sight is drawn

export class LiveChart {
  inSight = false;
  heldSince = 0;
  #element;
  #figure;
  #open;
  #drawn = false;
  #width = 0;

  /**
   * @param {HTMLElement} element  with data-chart, its name in the address
   * @param {(view: {x: number[]|null, y: number[]|null}) => {data: object[], layout: object}|null} figure  null: nothing yet
   * @param {(index: number) => void} open  leads to a rule
   */
  constructor(element, figure, open) {
    [this.#element, this.#figure, this.#open] = [element, figure, open];
    this.name = element.dataset.chart;
    onThemeChange(() => this.draw(true));
    new IntersectionObserver(([entry]) => this.#seen(entry.isIntersecting), { rootMargin: NEAR }).observe(element);
    element.addEventListener("pointerdown", () => (this.heldSince = performance.now()));
    window.addEventListener("pointerup", () => (this.heldSince = 0));
    element.addEventListener("pointerleave", (event) => event.buttons || (this.heldSince = 0));
  }

  draw(now = false) {
    askToDraw(this, now);
  }

  async paint() {
    try {
      const plotly = await loadPlotly();
      const view = this.#view();
      const figure = this.#figure(view);
      if (figure === null) return false;
      if (!this.#drawn) this.#element.replaceChildren();
      this.#apply(figure, view);
      await plotly.react(this.#element, figure.data, figure.layout, { ...LIVE_CONFIG, ...figure.config });
      if (this.#drawn && this.#width !== this.#element.clientWidth) await plotly.Plots.resize(this.#element);
      this.#width = this.#element.clientWidth;
      if (!this.#drawn) this.#listen();
      this.#drawn = true;
      return true;
    } catch (error) {
      if (this.#drawn) throw error;
      const wait = this.#element.querySelector("[data-chart-wait]");
      if (wait) wait.textContent = error.message;
      return false;
    }
  }

  #seen(isIn) {
    this.inSight = isIn;
    if (isIn) this.draw(!this.#drawn);
  }

  #view() {
    const zoom = readNumbers(`${this.name}.zoom`, 4);
    return { x: zoom && zoom.slice(0, 2), y: zoom && zoom.slice(2) };
  }

  #apply({ data, layout }, { x, y }) {
    const hidden = new Set(readList(`${this.name}.hide`));
    for (const trace of data) if (hidden.has(trace.name)) trace.visible = "legendonly";
    if (x && layout.xaxis) Object.assign(layout.xaxis, { range: x, autorange: false });
    if (y && layout.yaxis && !layout.yaxis.fixedrange) Object.assign(layout.yaxis, { range: y, autorange: false });
  }

  #listen() {
    this.#element.on("plotly_click", (event) => {
      const point = event.points.find(({ customdata }) => customdata !== undefined);
      if (point) this.#open([point.customdata].flat()[0]);
    });
    this.#element.on("plotly_hover", () => (this.heldSince ||= performance.now()));
    this.#element.on("plotly_unhover", () => (this.heldSince = 0));
    this.#element.on("plotly_relayout", () => this.#keepZoom());
    this.#element.on("plotly_restyle", () => this.#keepHidden());
  }

  #keepZoom() {
    const { xaxis, yaxis } = this.#element._fullLayout;
    const isWhole = !xaxis || (xaxis.autorange && (yaxis.autorange || yaxis.fixedrange));
    const before = readNumbers(`${this.name}.zoom`, 4)?.join();
    writeNumbers(`${this.name}.zoom`, isWhole ? null : [...xaxis.range, ...yaxis.range].map(Number));
    if (before !== readNumbers(`${this.name}.zoom`, 4)?.join()) this.draw(true); // nearer points show more
  }

  #keepHidden() {
    const hidden = this.#element.data.filter(({ visible }) => visible === "legendonly").map(({ name }) => name);
    write(`${this.name}.hide`, hidden.join(","));
  }
}
