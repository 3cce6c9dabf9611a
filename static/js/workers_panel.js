// Who works on this search, and what each trains now: a tile for each worker with the curve of its child.
import { curveDrawing } from "./charts/small_curve.js";
import { percent } from "./format.js";

const PURPOSES = { confirmation: "confirmation of rule", transfer: "transfer of rule", paths: "paths of rule", baseline: "baseline" };
const STAYS = 2500; // ms that the curve of a child that is done stays
const FORGET = 60_000; // ms without a word after which a child's curve is taken away

export class WorkersPanel {
  #element;
  #data;
  #workers = []; // the newest list
  #heard = Date.now(); // when it came
  #children = new Map(); // worker → {child, at}
  #asked = 0;

  constructor(element, data) {
    [this.#element, this.#data] = [element, data];
    setInterval(() => this.#ask(), 1000); // "seen 3 s ago" goes on by itself
  }

  showWorkers(workers) {
    [this.#workers, this.#heard] = [workers, Date.now()];
    this.#ask();
  }

  showChildren(children) {
    for (const child of children) this.#children.set(child.worker, { child, at: Date.now() });
    this.#ask();
  }

  /** A worker began something else. The curve of its last child stays for a moment: the next one's may be there by then. */
  began(worker, index) {
    const known = this.#children.get(worker);
    if (known && known.child.index !== index) known.until ??= Date.now() + STAYS;
    const row = this.#workers.find(({ name }) => name === worker);
    if (row) row.trains = { index, text: "", purpose: "" };
    this.#ask();
  }

  #ask() {
    this.#asked ||= document.hidden ? 0 : requestAnimationFrame(() => this.#show());
  }

  #show() {
    this.#asked = 0;
    const list = this.#element.querySelector("[data-tiles]");
    const names = new Set(this.#workers.map(({ name }) => name));
    for (const [name, { until, at }] of this.#children) {
      if (Date.now() > (until ?? at + FORGET)) this.#children.delete(name);
    }
    this.#element.querySelector("[data-none]").hidden = names.size > 0;
    for (const tile of [...list.children]) if (!names.has(tile.dataset.worker)) tile.remove();
    for (const worker of this.#workers) {
      const tile = [...list.children].find(({ dataset }) => dataset.worker === worker.name) ?? this.#add(list, worker.name);
      this.#fill(tile, worker);
    }
  }

  #add(list, name) {
    const tile = this.#element.querySelector("template").content.firstElementChild.cloneNode(true);
    tile.dataset.worker = name;
    list.append(tile);
    return tile;
  }

  #fill(tile, worker) {
    const seconds = Math.round(worker.seen_seconds + (Date.now() - this.#heard) / 1000);
    const pace = worker.an_hour === null ? "" : ` · ${worker.an_hour.toLocaleString("en", { maximumFractionDigits: worker.an_hour < 10 ? 1 : 0 })} children an hour`;
    put(tile, "name", worker.name).title = `${worker.name} on ${worker.host}`;
    put(tile, "about", `${worker.device || "auto"}${pace}`);
    put(tile, "seen", worker.is_live && seconds < 15 ? `seen ${seconds} s ago` : `not seen for ${seconds} s`);
    tile.classList.toggle("is-lost", !worker.is_live || seconds >= 15);
    const child = this.#children.get(worker.name)?.child;
    this.#fillRule(tile, child ?? worker.trains);
    put(tile, "reached", child?.stage ? reached(child) : "");
    if (tile.drawn !== child) tile.querySelector("[data-curve]").replaceChildren(...(child ? [curveDrawing(child)] : []));
    tile.drawn = child;
  }

  #fillRule(tile, trains) {
    const link = tile.querySelector("[data-rule]");
    const has = Number.isInteger(trains?.index);
    if (has) link.href = `${this.#data.rules}${trains.index}/`;
    else link.removeAttribute("href");
    const what = PURPOSES[trains?.purpose] ?? "rule";
    put(tile, "rule", !trains ? "waits for work" : trains.elsewhere ? "trains for another search" : has ? `${what} ${trains.index}` : what);
    const text = put(tile, "text", trains?.text ?? "");
    text.title = trains?.text ?? "";
  }
}

function reached({ stage, epoch, epochs, rates, sweep, accuracy }) {
  const rounded = Number(epoch.toFixed(2));
  const where = stage === "sweep" ? `learning rate ${sweep.length} of ${rates}` : `epoch ${rounded} of ${Math.max(epochs, Math.ceil(epoch))}`;
  return `${where} · ${percent(accuracy)}`;
}

function put(tile, name, text) {
  const part = tile.querySelector(`[data-${name}]`);
  if (part.textContent !== text) part.textContent = text;
  return part;
}
