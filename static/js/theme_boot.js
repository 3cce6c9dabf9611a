document.documentElement.classList.add("js"); // style sheets hide what a script will show
// Loaded before the first paint (not a module: modules wait): the person's own theme, if they chose one.
try {
  const theme = localStorage.getItem("theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be forbidden; the system's theme stays.
}
