// The header of the live page: numbers, sentence, buttons, connection, and the window's title.
import { duration, percent } from "./format.js";

const CONNECTION = {
  live: ["live", "Live: what happens appears here at once."],
  reconnecting: ["reconnecting", "The connection was lost; trying again."],
  stale: ["stale", "No connection: what you see may be out of date. It catches up by itself."],
  signedOut: ["stale", "You are signed out: reload the page to sign in again."],
  gone: ["stale", "This search can no longer be followed here: reload the page."],
};

export class LiveHeader {
  #element;
  #data;
  #status = null;

  constructor(element, data) {
    this.#element = element;
    this.#data = data;
  }

  /** @param {number} distinct  different rules among the candidates done */
  show(summary, distinct) {
    const { status, done, budget } = summary;
    this.#text("status", status).className = `pill pill--${status}`;
    this.#text("done", done);
    this.#text("budget", budget); // it can be extended
    this.#text("distinct", done ? ` · ${distinct} different rules` : "");
    this.#text("best", percent(summary.best?.reward));
    this.#showConfirmed(summary);
    this.#showTime(summary);
    this.#text("workers", summary.workers);
    Object.assign(this.#part("progress"), { max: budget, value: done });
    this.#showNote(summary);
    for (const form of this.#element.querySelectorAll("[data-action]")) {
      form.hidden = !this.#data.actions[status].includes(form.dataset.action);
    }
    for (const part of this.#element.querySelectorAll("[data-when]")) {
      part.hidden = !part.dataset.when.split(" ").includes(status);
    }
    document.title = `${done}/${budget} · ${this.#data.name}`;
    if (this.#status !== null && this.#status !== status) this.#text("announce", `The search is ${status}.`);
    this.#status = status;
  }

  showConnection(state) {
    const [name, sentence] = CONNECTION[state];
    const pill = this.#text("connection", name);
    pill.className = `pill pill--${name}`;
    pill.title = sentence;
    pill.hidden = false;
    this.#text("announce", sentence);
  }

  showProblem(sentence) {
    this.#text("note", sentence).dataset.tone = "bad";
    this.#text("announce", sentence);
  }

  #showConfirmed({ confirmed, trials_waiting: waiting }) {
    this.#text("confirmed", percent(confirmed?.mean));
    const spread = confirmed?.std == null ? "" : ` ± ${(100 * confirmed.std).toFixed(2)}`;
    const n = confirmed ? `${spread} (${confirmed.n})` : "";
    this.#text("confirmed-spread", waiting ? `${n} · ${waiting} trainings to go` : n);
  }

  #showTime({ started_at: started, finished_at: finished, seconds_left: left }) {
    const took = started && finished ? (Date.parse(finished) - Date.parse(started)) / 1000 : null;
    this.#text("time-label", took === null ? "Time left" : "Took");
    this.#text("time", duration(took ?? left));
  }

  /** The same rule as searchapp/views/sentences.py. */
  #showNote(summary) {
    const { status, workers, done, reason, trials_waiting: waiting } = summary;
    let key = status;
    if (status === "running" && !workers) key = "no_worker";
    else if (status === "running" && !done) key = "first";
    else if ((status === "finished" || status === "stopped") && waiting) key = workers ? "confirming" : "no_worker";
    const told = reason && this.#data.reasoned.includes(key);
    const sentence = told ? `${key[0].toUpperCase()}${key.slice(1)}: ${reason}` : this.#data.sentences[key];
    this.#text("note", sentence).dataset.tone = this.#data.tones[key] ?? "";
  }

  #part(name) {
    return this.#element.querySelector(`[data-${name}]`);
  }

  #text(name, text) {
    const part = this.#part(name);
    if (part.textContent !== String(text)) part.textContent = text;
    return part;
  }
}
