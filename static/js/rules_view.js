// All rules: parallel coordinates, the form that filters them, and the table beneath. One filter holds for all three.
import { ParallelCoordinates } from "./charts/parallel.js";
import { sample, someOthers } from "./charts/sampling.js";
import { axesOf, RulesFilter, shownAxes } from "./rules_filter.js";
import { RulesTable } from "./rules_table.js";
import { write } from "./url_state.js";

export class RulesView {
  #element;
  #store;
  #filter = new RulesFilter();
  #ready = false;

  constructor(element, data, store, open) {
    [this.#element, this.#store] = [element, store];
    this.table = new RulesTable(element, data, store);
    this.chart = new ParallelCoordinates(element.querySelector("[data-chart]"), {
      read: () => this.#read(),
      onRanges: (key, ranges) => this.#change(() => this.#filter.set(key, ranges)),
      onMove: (keys) => this.#change(() => write("axes", keys.join(","))),
      open,
    });
    element.querySelector("form").addEventListener("input", (event) => this.#typed(event.target));
    element.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
    element.querySelector("[data-clear]").addEventListener("click", () => this.#change(() => this.#filter.clear()));
  }

  draw() {
    this.chart.draw();
  }

  #read() {
    const { candidates, kinds, rules } = this.#store;
    if (kinds.length === 0 || rules === 0) return null;
    const axes = axesOf(this.#store);
    if (!this.#ready) this.#prepare(axes);
    const matched = this.#filter.matched(this.#store);
    this.table.show(matched, rules);
    return {
      axes: shownAxes(axes, this.#groups),
      places: sample(matched, candidates.reward),
      others: matched.length < rules ? someOthers(candidates, matched) : [],
      ranges: this.#filter.ranges,
      reward: candidates.reward,
    };
  }

  get #groups() {
    return this.#store.kinds.length / 5;
  }

  /** Fills the choices that depend on the search. */
  #prepare(axes) {
    this.#ready = true;
    const names = [...new Set(Object.values(this.#store.tokens).flat())];
    this.#field("uses").append(...names.map((name) => new Option(name, name)));
    const shown = new Set(shownAxes(axes, this.#groups).map(({ key }) => key));
    const boxes = axes.map(({ key, label }) => {
      const box = this.#element.querySelector("[data-axis]").content.firstElementChild.cloneNode(true);
      Object.assign(box.querySelector("input"), { value: key, checked: shown.has(key) });
      box.append(label);
      return box;
    });
    this.#element.querySelector("[data-axes]").replaceChildren(...boxes);
    this.#showForm();
  }

  /** Somebody kept a range, moved an axis, or wants everything again. */
  #change(how) {
    how();
    this.#showForm();
    this.chart.draw(true);
  }

  #typed(field) {
    if (field.name === "axis") {
      const keys = shownAxes(axesOf(this.#store), this.#groups).map(({ key }) => key).filter((key) => key !== field.value);
      write("axes", (field.checked ? [...keys, field.value] : keys).join(","));
    }
    if (field.name === "uses") this.#filter.setUses(field.value);
    const number = field.value === "" ? null : Number(field.value);
    if (field.name === "least") this.#filter.set("r", number === null ? [] : [[number / 100, 1]]);
    if (field.name === "most") this.#filter.set("c", number === null ? [] : [[0, number]]);
    this.#element.querySelector("[data-clear]").disabled = !this.#filter.isActive;
    this.chart.draw(true);
  }

  #showForm() {
    const [least] = this.#filter.ranges.get("r") ?? [[null]];
    const [most] = this.#filter.ranges.get("c") ?? [[null, null]];
    this.#field("least").value = least[0] === null ? "" : Number((100 * least[0]).toFixed(2));
    this.#field("most").value = most[1] === null ? "" : Math.floor(most[1]);
    this.#field("uses").value = this.#filter.uses ?? "";
    this.#element.querySelector("[data-clear]").disabled = !this.#filter.isActive;
  }

  #field(name) {
    return this.#element.querySelector(`[name="${name}"]`);
  }
}
