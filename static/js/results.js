// Leaderboard and log of bests: HTML from the server, fetched at most every 1.5 s when something changed.
import { query, write } from "./url_state.js";

const BETWEEN = 1500; // ms

export class Results {
  #element;
  #shown = 0;
  #wanted = 0;
  #busy = false;

  constructor(element) {
    this.#element = element;
    document.addEventListener("visibilitychange", () => document.hidden || this.#refresh());
    element.addEventListener("click", (event) => this.#chooseRows(event));
  }

  /** @param {number} version  grows whenever the leaderboard may have changed */
  show(version) {
    this.#wanted = version;
    this.#refresh();
  }

  /** More or fewer rows without leaving the page, which would forget what is not in the address. */
  #chooseRows(event) {
    const link = event.target.closest('a[data-key^="rows-"]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    write("rows", new URL(link.href).searchParams.get("rows"));
    this.#shown = -1;
    this.#refresh();
  }

  async #refresh() {
    if (this.#busy || this.#shown === this.#wanted || document.hidden) return;
    this.#busy = true;
    const version = this.#wanted;
    try {
      const response = await fetch(this.#element.dataset.url + query(), { redirect: "error" });
      if (response.ok) {
        this.#put(await response.text());
        this.#shown = version;
      }
    } catch {
      // The next change, or the next round of this, tries again.
    }
    setTimeout(() => {
      this.#busy = false;
      this.#refresh();
    }, BETWEEN);
  }

  #put(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    for (const part of fresh.querySelectorAll("[data-part]")) {
      const old = this.#element.querySelector(`[data-part="${part.dataset.part}"]`);
      if (old.outerHTML === part.outerHTML || holdsSelection(old)) continue;
      replaceKeeping(old, document.importNode(part, true));
    }
  }
}

/** Somebody is marking an equation to copy it: the part waits until they are done. */
function holdsSelection(element) {
  const selection = window.getSelection();
  return !selection.isCollapsed && selection.containsNode(element, true);
}

/** Replaces `old`, keeps focus and scroll, and marks rows that were not there. */
function replaceKeeping(old, fresh) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const known = new Set([...old.querySelectorAll("tr[data-key]")].map((row) => row.dataset.key));
  const scrolls = [...old.querySelectorAll(".table-box, .best-log")].map((box) => [box.scrollTop, box.scrollLeft]);
  for (const row of known.size ? fresh.querySelectorAll("tr[data-key]") : []) {
    row.classList.toggle("is-new", !known.has(row.dataset.key));
  }
  old.replaceWith(fresh);
  fresh.querySelectorAll(".table-box, .best-log").forEach((box, place) => {
    [box.scrollTop, box.scrollLeft] = scrolls[place] ?? [0, 0];
  });
  if (focused) refocus(fresh, focused);
}

function refocus(fresh, focused) {
  const key = focused.dataset.key;
  const same = key ? fresh.querySelector(`[data-key="${CSS.escape(key)}"]`) : null;
  (same ?? fresh.querySelector(".table-box, .best-log"))?.focus({ preventScroll: true });
}
