// The rules that fit the filter, the first of them in a table. Equations come from the server, each once.
import { percent } from "./format.js";
import { read, write } from "./url_state.js";

const ROWS = 25;
const BETWEEN = 1000; // ms between two requests for equations
const COLUMNS = { r: "reward", c: "complexity", l: "rate", i: "index" }; // sort key → column of the store
const equations = new Map(); // index → HTML of its equation

export class RulesTable {
  #element;
  #data;
  #store;
  #matched = [];
  #asked = 0; // ms, when equations were last asked for

  constructor(element, data, store) {
    [this.#element, this.#data, this.#store] = [element, data, store];
    element.querySelector("thead").addEventListener("click", ({ target }) => this.#sortBy(target.closest("[data-sort]")));
  }

  /** @param {number[]} matched  places that fit  @param {number} all  how many have a reward */
  show(matched, all) {
    this.#matched = matched;
    const shown = this.#first();
    this.#element.querySelector("[data-count]").textContent =
      matched.length === all ? `${all.toLocaleString("en")} rules` : `${matched.length.toLocaleString("en")} of ${all.toLocaleString("en")} rules fit`;
    this.#element.querySelector("[data-more]").textContent = matched.length > ROWS ? `The first ${ROWS} are shown.` : "";
    this.#put(shown);
    this.#fetch(shown.filter((place) => !equations.has(place)));
  }

  get #sort() {
    const [, down, key] = /^(!?)([rcli])$/.exec(read("sort") ?? "") ?? [null, "!", "r"];
    return { key, down: down === "!" };
  }

  #sortBy(button) {
    if (!button) return;
    const { key, down } = this.#sort;
    const goesDown = button.dataset.sort === key ? !down : button.dataset.sort === "r";
    write("sort", `${goesDown ? "!" : ""}${button.dataset.sort}`);
    this.show(this.#matched, this.#store.rules);
  }

  /** The first ROWS in the wanted order, without sorting all of them. */
  #first() {
    const { key, down } = this.#sort;
    const values = this.#store.candidates[COLUMNS[key]];
    const value = (place) => (Number.isNaN(values[place]) ? Infinity : down ? -values[place] : values[place]);
    const first = [];
    for (const place of this.#matched) {
      if (first.length === ROWS && value(place) >= value(first[ROWS - 1])) continue;
      let at = first.length;
      while (at > 0 && value(first[at - 1]) > value(place)) at -= 1;
      first.splice(at, 0, place);
      if (first.length > ROWS) first.pop();
    }
    return first;
  }

  #put(places) {
    const body = this.#element.querySelector("tbody");
    const { key, down } = this.#sort;
    for (const head of this.#element.querySelectorAll("[data-sort]")) {
      const isIt = head.dataset.sort === key;
      head.closest("th").setAttribute("aria-sort", isIt ? (down ? "descending" : "ascending") : "none");
    }
    const old = new Map([...body.rows].map((row) => [row.dataset.version, row]));
    const rows = places.map((place) => old.get(this.#version(place)) ?? this.#row(place));
    if (rows.length !== body.rows.length || rows.some((row, k) => row !== body.rows[k])) body.replaceChildren(...rows);
  }

  #version(place) {
    return `${place} ${this.#store.candidates.outcome[place]} ${equations.has(place)}`;
  }

  #row(place) {
    const { reward, complexity, rate, round } = this.#store.candidates;
    const row = this.#element.querySelector("template:not([data-axis])").content.firstElementChild.cloneNode(true);
    const put = (name, text) => (row.querySelector(`[data-cell="${name}"]`).textContent = text);
    row.dataset.version = this.#version(place);
    row.querySelector("a").href = `${this.#data.rules}${place}/`;
    put("index", place);
    put("reward", percent(reward[place]));
    put("complexity", complexity[place]);
    put("rate", Number.isNaN(rate[place]) ? "—" : rate[place].toExponential(0));
    put("round", round[place]);
    put("outcome", this.#store.candidates.outcomeOf(place));
    // The server's own MathML, made from a checked rule.
    if (equations.has(place)) row.querySelector('[data-cell="rule"]').replaceChildren(equations.get(place).cloneNode(true));
    return row;
  }

  async #fetch(places) {
    if (places.length === 0 || Date.now() - this.#asked < BETWEEN) return;
    this.#asked = Date.now();
    const numbers = places.map((place) => `index=${place}`).join("&");
    const response = await fetch(`${this.#data.act}rules?${numbers}`, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!response?.ok) return; // a later draw asks again
    for (const { index, mathml } of await response.json()) {
      equations.set(index, document.importNode(new DOMParser().parseFromString(mathml, "text/html").body.firstElementChild, true));
    }
    this.#put(this.#first());
  }
}
