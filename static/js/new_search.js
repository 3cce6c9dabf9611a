// The form of a new search: follows choices, and shows size and time while one chooses. Without it the form works too.
import { follow, followChoices } from "./choices.js";
import { Estimate } from "./estimate.js";

const form = document.querySelector("[data-new-search]");
const { sets, presets } = JSON.parse(document.getElementById("new-search-data").textContent);
const OWN_CHOICE = "own";
const KINDS = ["operands", "unary", "binary"];
const boxes = (kind) => form.querySelectorAll(`input[type="checkbox"][name="${kind}"]`);

function checkBoxes(set) {
  for (const kind of KINDS) {
    const tokens = new Set(sets[set][kind]);
    for (const box of boxes(kind)) box.checked = tokens.has(box.value);
  }
}

function touchedPrimitives(target) {
  return KINDS.some((kind) => target.name === kind || target.name === `more_${kind}`);
}

function openOwnChoice() {
  form.querySelector("[data-primitives]").open = true;
}

form.addEventListener("input", ({ target }) => {
  const select = form.elements.primitive_set;
  if (target === select) {
    if (target.value in sets) checkBoxes(target.value);
    else openOwnChoice();
  } else if (touchedPrimitives(target)) {
    select.value = OWN_CHOICE; // a changed box is one's own choice
    follow(form, select, "protocol", presets);
    openOwnChoice();
  }
});

followChoices(form, "protocol", presets);
const chosen = form.elements.primitive_set.value;
if (chosen in sets) checkBoxes(chosen);
else openOwnChoice();
new Estimate(form).start();
