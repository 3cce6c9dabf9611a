// The list of rules: copy buttons; a click elsewhere or Escape closes what is open.
import { startCopyButtons } from "./copy.js";

startCopyButtons();

const open = () => [...document.querySelectorAll(".copy-row[open]")];
document.addEventListener("click", (event) => {
  for (const details of open()) if (!details.contains(event.target)) details.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const details of open()) {
    details.open = false;
    details.querySelector("summary").focus();
  }
});
