// The trials on a rule's page: HTML from the server, asked for again while something waits.
import { Chart } from "./charts/chart.js";
import { pathFigure } from "./charts/paths.js";

const BETWEEN = 2000; // ms

export class Trials {
  #element;
  #charts = [];

  constructor(element) {
    this.#element = element;
  }

  start() {
    this.#draw();
    this.#waitMore();
    document.addEventListener("visibilitychange", () => document.hidden || this.#waitMore());
  }

  get #waits() {
    return this.#element.querySelector("[data-waiting]") !== null;
  }

  #waitMore() {
    if (this.#waits && !document.hidden) setTimeout(() => this.#refresh(), BETWEEN);
  }

  async #refresh() {
    try {
      const response = await fetch(this.#element.dataset.url, { redirect: "error" });
      if (response.ok) this.#put(await response.text());
    } catch {
      // The next round tries again.
    }
    this.#waitMore();
  }

  #put(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    let paths = false;
    for (const part of fresh.querySelectorAll("[data-part]")) {
      const old = this.#element.querySelector(`[data-part="${part.dataset.part}"]`);
      if (old.dataset.version === part.dataset.version || old.contains(document.activeElement)) continue;
      old.replaceWith(document.importNode(part, true));
      paths ||= part.dataset.part === "paths";
    }
    if (paths) this.#draw();
  }

  #draw() {
    const data = this.#element.querySelector("#paths-data");
    if (!data) return;
    const { ways, surfaces } = JSON.parse(data.textContent);
    this.#charts = [...this.#element.querySelectorAll("[data-path]")].map(
      (element) => new Chart(element, () => pathFigure(element.dataset.path, ways, surfaces[element.dataset.path])),
    );
    for (const chart of this.#charts) chart.draw();
  }
}
