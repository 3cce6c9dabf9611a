// One chart on the page: draws at most once an animation frame, again when theme or visibility change.
import { onThemeChange } from "../theme_switch.js";
import { loadPlotly } from "./plotly.js";
import { CONFIG } from "./style.js";

export class Chart {
  #element;
  #figure;
  #waiting = false;
  #drawn = false;

  /** @param {HTMLElement} element  @param {() => {data: object[], layout: object}|null} figure  null: nothing to show yet */
  constructor(element, figure) {
    this.#element = element;
    this.#figure = figure;
    onThemeChange(() => this.draw());
  }

  draw() {
    if (this.#waiting) return;
    this.#waiting = true;
    requestAnimationFrame(() => this.#drawNow());
  }

  async #drawNow() {
    try {
      const plotly = await loadPlotly();
      this.#waiting = false;
      const figure = this.#figure();
      if (figure === null) return;
      if (!this.#drawn) this.#element.replaceChildren();
      const first = !this.#drawn;
      this.#drawn = true;
      await plotly.react(this.#element, figure.data, figure.layout, CONFIG);
      if (first) this.#listen();
    } catch (error) {
      this.#waiting = false;
      if (!this.#drawn) this.#element.querySelector("[data-chart-wait]").textContent = error.message;
    }
  }

  #listen() {
    this.#element.on("plotly_click", (event) => {
      const address = event.points.find((point) => point.customdata?.url)?.customdata.url;
      if (address) window.location.assign(address);
    });
  }
}
