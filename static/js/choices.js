// Selects whose choice brings a line of explanation, its own settings, and a preset's values as placeholders.

/** One line about the option that is chosen. */
function showSummary(field, value) {
  const find = (wanted) => field.querySelector(`template[data-value="${CSS.escape(wanted)}"]`);
  const text = (find(value) ?? find(""))?.innerHTML ?? "";
  field.querySelector("[data-summary]").innerHTML = text;
}

function showSettings(form, kind, value) {
  for (const part of form.querySelectorAll(`[data-applies="${kind}"]`)) {
    part.toggleAttribute("data-off", part.dataset.value !== value);
  }
}

function showPreset(form, values) {
  for (const [field, text] of Object.entries(values ?? {})) form.elements[field].placeholder = text;
}

/** Shows what belongs to a select's choice. @param {object} presets  values of fields by the name of a preset */
export function follow(form, select, presetField, presets) {
  const { name, value } = select;
  const field = select.closest("[data-choice]");
  if (field) showSummary(field, value);
  showSettings(form, name, value);
  if (name === presetField) showPreset(form, presets[value]);
}

/** Follows every select of the form, from now on and for what a browser restored. */
export function followChoices(form, presetField, presets) {
  form.addEventListener("input", ({ target }) => {
    if (target.matches("select")) follow(form, target, presetField, presets);
  });
  for (const select of form.querySelectorAll("select")) follow(form, select, presetField, presets);
  form.querySelector("[data-error-summary]")?.focus();
}
