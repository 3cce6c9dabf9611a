// Hints can be sent away, one or all; this browser remembers it for the person who did.
// What was sent away is hidden by static/css/hints.css before the first paint (theme_boot.js names it on <html>).
const root = document.documentElement;
const key = `hints:${root.dataset.person ?? ""}`;
const ALL = "all";

function gone() {
  return new Set((root.dataset.hintsOff ?? "").split(" ").filter(Boolean));
}

function keep(names) {
  root.dataset.hintsOff = [...names].join(" ");
  try {
    localStorage.setItem(key, root.dataset.hintsOff);
  } catch {
    // Not kept, but it holds for this page.
  }
}

function dismiss(button, name) {
  const hints = [...document.querySelectorAll("[data-hint]")];
  const place = hints.indexOf(button.closest("[data-hint]"));
  keep(gone().add(name));
  const next = hints.slice(place + 1).find((hint) => hint.getClientRects().length > 0);
  (next?.querySelector("[data-hint-done]") ?? document.getElementById("content")).focus({ preventScroll: true });
}

document.addEventListener("click", ({ target }) => {
  const one = target.closest("[data-hint-done]");
  if (one) dismiss(one, one.closest("[data-hint]").dataset.hint);
  const all = target.closest("[data-hints-done]");
  if (all) dismiss(all, ALL);
  const again = target.closest("[data-hints-again]");
  if (again) {
    keep([]);
    again.textContent = "Hints are shown again";
  }
});
for (const button of document.querySelectorAll("[data-hints-again]")) button.hidden = false;
