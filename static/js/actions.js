// Start, pause, resume and stop without leaving the page; without this script the forms do the same.
export function startActions(element, address, { onSummary, onProblem }) {
  element.addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    const button = form.querySelector("button");
    if (form.dataset.action === "stop" && !window.confirm("Stop this search for good? What was found stays.")) return;
    button.disabled = true;
    try {
      const response = await fetch(address + form.dataset.action, {
        method: "POST",
        headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
      });
      const answer = await response.json();
      if (response.ok) onSummary(answer);
      else onProblem(answer.message ?? "That did not work; reload the page and try again.");
    } catch {
      onProblem("The server does not answer. Nothing was changed; try again in a moment.");
    } finally {
      button.disabled = false;
      if (form.hidden) element.querySelector("form:not([hidden]) button")?.focus();
    }
  });
}
