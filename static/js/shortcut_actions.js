// What keys do on a page. Each answers true when it did something; otherwise the key stays the browser's.
const main = document.getElementById("content");

function visible(element) {
  return element !== null && element !== undefined && element.getClientRects().length > 0;
}

function first(selector, root = document) {
  return [...root.querySelectorAll(selector)].find(visible);
}

function focus(element) {
  if (!element) return false;
  element.focus();
  element.scrollIntoView({ block: "nearest" });
  return true;
}

function click(element) {
  if (!element || element.disabled) return false;
  element.click();
  return true;
}

/** Rows with a link, of the table that has the focus or the page's first one. */
function rows() {
  const tables = [...main.querySelectorAll("table")].filter((table) => visible(table) && table.querySelector("tbody a"));
  const here = document.activeElement?.closest("table");
  const table = tables.includes(here) ? here : tables[0];
  return table ? [...table.querySelectorAll("tbody tr")].filter((row) => visible(row.querySelector("a"))) : [];
}

function step(by) {
  const all = rows();
  const place = all.findIndex((row) => row.contains(document.activeElement));
  const next = place < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, place + by));
  return focus(all[next]?.querySelector("a"));
}

export const ACTIONS = {
  theme: () => click(document.querySelector("[data-theme-switch]")),
  filter: () => focus(first("[role=search] input:not([type=hidden]), [data-filter]", main)),
  next: () => step(1),
  previous: () => step(-1),
  open: () => false, // Enter is the link's own
  pause: () => click(first("form[data-action=pause] button, form[data-action=resume] button", main)),
  leaderboard: () => focus(first("[data-part=leaderboard] .table-box", main)),
  "previous-page": () => click(first("a[rel=prev]", main)),
  "next-page": () => click(first("a[rel=next]", main)),
};
