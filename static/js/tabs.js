// Tabs as people and screen readers know them: one panel at a time, arrows move between them, the address keeps the one
// that is open.
import { read, write } from "./url_state.js";

/** @param {HTMLElement} list  role=tablist; each tab names its panel by aria-controls */
export function startTabs(list) {
  const tabs = [...list.querySelectorAll('[role="tab"]')];
  const show = (tab) => {
    for (const one of tabs) {
      const isIt = one === tab;
      one.setAttribute("aria-selected", String(isIt));
      one.tabIndex = isIt ? 0 : -1;
      document.getElementById(one.getAttribute("aria-controls")).hidden = !isIt;
    }
  };
  const choose = (tab) => {
    show(tab);
    write(list.dataset.tabs, tab === tabs[0] ? null : tab.dataset.tab);
  };
  list.addEventListener("click", ({ target }) => target.closest('[role="tab"]') && choose(target.closest('[role="tab"]')));
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = tabs[(tabs.indexOf(event.target) + step + tabs.length) % tabs.length];
    next.focus();
    choose(next);
  });
  show(tabs.find((tab) => tab.dataset.tab === read(list.dataset.tabs)) ?? tabs[0]);
}

/** Buttons that are on or off (checkboxes or radio buttons): their names stand in the address unless they are as at first. */
export function startChoices(group, onChange) {
  const key = group.dataset.choices;
  const boxes = [...group.querySelectorAll("input")];
  const chosen = () => boxes.filter((box) => box.checked).map((box) => box.value);
  const first = chosen().join(",");
  const kept = read(key);
  if (kept !== null) for (const box of boxes) box.checked = kept.split(",").includes(box.value);
  group.addEventListener("change", () => {
    write(key, chosen().join(",") === first ? null : chosen().join(",") || "none");
    onChange();
  });
  return chosen;
}
