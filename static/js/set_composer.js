// The page where a primitive set is composed: the size follows the boxes, tokens are added without leaving the page.
// Without this script every button works too, by sending the form.
const DEBOUNCE = 250; // ms
const form = document.querySelector("[data-composer]");
const note = form.querySelector("[data-size-note]");
const usual = note.textContent;
let timer = 0;
let request = null;

async function post(address, body, signal) {
  const response = await fetch(address, { method: "POST", body, signal, redirect: "error" });
  if (!response.ok) throw new Error(response.statusText);
  return response;
}

function showSizes({ sizes, error }) {
  for (const element of form.querySelectorAll("[data-size]")) {
    element.textContent = sizes?.[Number(element.dataset.size) - 1] ?? "—";
  }
  note.textContent = error ?? usual;
  note.toggleAttribute("data-wrong", error !== undefined);
}

async function askSizes() {
  request?.abort();
  request = new AbortController();
  try {
    const response = await post(form.dataset.sizeUrl, new FormData(form), request.signal);
    showSizes(await response.json());
  } catch (error) {
    if (error.name !== "AbortError") showSizes({ error: "The server does not answer; what you chose stays here." });
  }
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(askSizes, DEBOUNCE);
}

/** Asks for the page with one more token, and puts that page's cards in the place of these. */
async function add(button) {
  const body = new FormData(form);
  body.append(button.name, button.value);
  const text = await (await post(window.location.href, body)).text();
  const fresh = new DOMParser().parseFromString(text, "text/html");
  const row = document.importNode(fresh.getElementById(`row-${button.value}`), true);
  document.getElementById(`row-${button.value}`).replaceWith(row);
  (row.querySelector("[data-added]") ?? row.querySelector(".variant-add input"))?.focus();
  soon();
}

form.addEventListener("input", soon);
form.addEventListener("keydown", (event) => {
  const adding = event.target.closest(".variant-add");
  if (event.key !== "Enter" || !adding || event.target.matches("button")) return;
  event.preventDefault(); // Enter beside a parameter adds that token; the form's own answer would be to save
  adding.querySelector("button").click();
});
form.addEventListener("click", async (event) => {
  const button = event.target.closest('button[name="add"]');
  if (!button) return;
  event.preventDefault();
  button.disabled = true;
  try {
    await add(button);
  } catch {
    button.disabled = false;
    note.textContent = "The server does not answer; nothing was added.";
    note.toggleAttribute("data-wrong", true);
  }
});
