// The theme switch in the header: the other theme at each click, kept in localStorage.
const root = document.documentElement;
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const button = document.querySelector("[data-theme-switch]");

export function currentTheme() {
  return root.dataset.theme ?? (dark.matches ? "dark" : "light");
}

/** Calls `redraw` whenever the colours change, by the switch, another tab or the system. */
export function onThemeChange(redraw) {
  new MutationObserver(redraw).observe(root, { attributes: true, attributeFilter: ["data-theme"] });
  dark.addEventListener("change", redraw);
}

function label() {
  const other = currentTheme() === "dark" ? "light" : "dark";
  button.setAttribute("aria-label", `Use the ${other} theme`);
  button.title = `Use the ${other} theme`;
}

function change() {
  const theme = currentTheme() === "dark" ? "light" : "dark";
  root.dataset.theme = theme;
  try {
    localStorage.setItem("theme", theme);
  } catch {
    // Not kept, but it holds for this page.
  }
}

if (button) {
  button.hidden = false;
  button.addEventListener("click", change);
  onThemeChange(label);
  window.addEventListener("storage", (event) => {
    if (event.key === "theme" && event.newValue) root.dataset.theme = event.newValue;
  });
  label();
}
