// The state of a live page's search as its header shows it, for helpers that need no more: icon and notification.
const head = document.querySelector("[data-live-head]");

function read() {
  const progress = head.querySelector("[data-progress]");
  return {
    name: head.querySelector("h1").textContent.trim(),
    status: head.querySelector("[data-status]").textContent.trim(),
    best: head.querySelector("[data-best]").textContent.trim(),
    done: Number(progress.getAttribute("value")),
    budget: Number(progress.max),
  };
}

/** Calls `show(state, before)` now, with `before` null, and whenever the header changes. */
export function watch(show) {
  let before = read();
  show(before, null);
  new MutationObserver(() => {
    const state = read();
    if (state.status === before.status && state.done === before.done && state.budget === before.budget) return;
    show(state, before);
    before = state;
  }).observe(head, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ["value", "max"] });
}
