// Keys of every page. The list is the dialog behind “?”: its rows say which keys lead where or do what.
import { ACTIONS } from "./shortcut_actions.js";

const CHORD = 1200; // ms in which the second key has to follow the first
const TYPING = "textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=button], [type=submit])";
const dialog = document.querySelector("[data-shortcuts]");
const bindings = new Map([...(dialog?.querySelectorAll("[data-keys]") ?? [])].map((row) => [row.dataset.keys, row]));
let pending = "";
let timer = 0;

function toggleHelp() {
  if (dialog.open) dialog.close();
  else dialog.showModal();
}

/** Whether a key says something to what has the focus, and not to the page. */
function isTyping({ target, isComposing }) {
  return isComposing || (target instanceof Element && target.closest(TYPING) !== null);
}

function isElsewhere(event) {
  return event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event) || isBehindDialog(event);
}

/** While a dialog is open only “?” is ours. */
function isBehindDialog({ key }) {
  return document.querySelector("dialog[open]") !== null && !(dialog.open && key === "?");
}

function waitForMore(keys) {
  pending = keys;
  clearTimeout(timer);
  timer = setTimeout(() => (pending = ""), CHORD);
}

function run(row) {
  const { href, action } = row.dataset;
  if (href) {
    window.location.assign(href);
    return true;
  }
  return action === "help" ? (toggleHelp(), true) : ACTIONS[action]?.() === true;
}

if (dialog) {
  document.addEventListener("keydown", (event) => {
    if (isElsewhere(event)) return;
    const keys = pending ? `${pending} ${event.key}` : event.key;
    pending = "";
    const row = bindings.get(keys);
    if (row) {
      if (run(row)) event.preventDefault();
    } else if ([...bindings.keys()].some((one) => one.startsWith(`${event.key} `))) {
      waitForMore(event.key);
    }
  });
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close()); // beside the dialog
  for (const button of document.querySelectorAll("[data-show-shortcuts]")) {
    button.hidden = false;
    button.addEventListener("click", toggleHelp);
  }
}
