document.documentElement.classList.add("js"); // style sheets hide what a script will show
// Loaded before the first paint (not a module: modules wait): the person's own theme, and the hints they sent away.
try {
  const { dataset } = document.documentElement;
  const theme = localStorage.getItem("theme");
  if (theme === "light" || theme === "dark") dataset.theme = theme;
  dataset.hintsOff = localStorage.getItem(`hints:${dataset.person ?? ""}`) ?? "";
} catch {
  // Storage may be forbidden; the system's theme stays, and all hints.
}
