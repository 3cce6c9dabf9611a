// Copy buttons: data-copy names the element whose text is copied.
export function startCopyButtons() {
  const status = document.querySelector("[data-copied]");
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    const label = button.textContent;
    button.addEventListener("click", async () => {
      const text = document.getElementById(button.dataset.copy).textContent;
      const done = await copy(text);
      button.textContent = done ? "Copied" : "Press Ctrl+C";
      status.textContent = done ? "Copied." : "";
      if (!done) select(document.getElementById(button.dataset.copy));
      setTimeout(() => (button.textContent = label), 1500);
    });
  }
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // no secure context, or refused: the text is selected instead
  }
}

function select(element) {
  const details = element.closest("details");
  if (details) details.open = true;
  window.getSelection().selectAllChildren(element);
}
