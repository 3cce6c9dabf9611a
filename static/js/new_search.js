// The form of a new search: follows choices, and shows size and time while one chooses. Without it the form works too.
import { Estimate } from "./estimate.js";

const form = document.querySelector("[data-new-search]");
const { sets, presets } = JSON.parse(document.getElementById("new-search-data").textContent);
const OWN_CHOICE = "own";
const KINDS = ["operands", "unary", "binary"];
const boxes = (kind) => form.querySelectorAll(`input[type="checkbox"][name="${kind}"]`);

/** One line about the option that is chosen. */
function showSummary(field, value) {
  const find = (wanted) => field.querySelector(`template[data-value="${CSS.escape(wanted)}"]`);
  const text = (find(value) ?? find(""))?.innerHTML ?? "";
  field.querySelector("[data-summary]").innerHTML = text;
}

function showSettings(kind, value) {
  for (const part of form.querySelectorAll(`[data-applies="${kind}"]`)) {
    part.toggleAttribute("data-off", part.dataset.value !== value);
  }
}

function checkBoxes(set) {
  for (const kind of KINDS) {
    const tokens = new Set(sets[set][kind]);
    for (const box of boxes(kind)) box.checked = tokens.has(box.value);
  }
}

function showPreset(name) {
  for (const [field, text] of Object.entries(presets[name] ?? {})) form.elements[field].placeholder = text;
}

function follow(select) {
  const { name, value } = select;
  const field = select.closest("[data-choice]");
  if (field) showSummary(field, value);
  showSettings(name, value);
  if (name === "protocol") showPreset(value);
  if (name === "primitive_set" && value === OWN_CHOICE) form.querySelector("[data-primitives]").open = true;
}

function touchedPrimitives(target) {
  return KINDS.some((kind) => target.name === kind || target.name === `more_${kind}`);
}

form.addEventListener("input", ({ target }) => {
  if (target.matches("select")) {
    follow(target);
    if (target.name === "primitive_set" && target.value in sets) checkBoxes(target.value);
  } else if (touchedPrimitives(target)) {
    const select = form.elements.primitive_set;
    select.value = OWN_CHOICE; // a changed box is one's own choice
    follow(select);
  }
});

for (const select of form.querySelectorAll("select")) follow(select); // a browser may restore choices on reload
const chosen = form.elements.primitive_set.value;
if (chosen in sets) checkBoxes(chosen);
form.querySelector("[data-error-summary]")?.focus();
new Estimate(form).start();
