// Size of the space and time of the search for the form as it is typed; what is wrong is shown beside its field.
const DEBOUNCE = 300; // ms

export class Estimate {
  #form;
  #panel;
  #timer = 0;
  #request = null;
  #touched = new Set(); // errors are shown only beside fields that were changed, or had one

  constructor(form) {
    this.#form = form;
    this.#panel = form.querySelector("[data-estimate]");
  }

  start() {
    for (const field of this.#form.querySelectorAll(".field--bad")) this.#touched.add(field.dataset.field);
    this.#form.addEventListener("input", ({ target }) => {
      if (target.name === "name") this.#showErrors("name", []);
      this.#touched.add(target.name);
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#ask(), DEBOUNCE);
    });
    this.#ask();
  }

  async #ask() {
    this.#request?.abort();
    const request = new AbortController();
    this.#request = request;
    this.#panel.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(this.#form.getAttribute("data-estimate-url"), {
        method: "POST",
        body: new FormData(this.#form),
        signal: request.signal,
        redirect: "error", // signed out meanwhile
      });
      if (!response.ok) throw new Error(response.statusText);
      this.#show(await response.json());
    } catch (error) {
      if (error.name === "AbortError") return;
      this.#put("—", "—", "The server does not answer; what you typed stays here.");
    }
    this.#panel.removeAttribute("aria-busy");
  }

  #show({ errors, size_text: size, seconds_text: time, basis }) {
    this.#showAllErrors(errors ?? {});
    if (errors) this.#put("—", "—", this.#sentence(errors));
    else this.#put(size, time, basis);
  }

  #sentence(errors) {
    const labels = Object.keys(errors).map((name) => this.#field(name)?.querySelector("label, legend")?.textContent.trim());
    return `Known as soon as ${labels.filter(Boolean).join(", ") || "the form"} is put right.`;
  }

  #put(size, time, basis) {
    this.#panel.querySelector("[data-estimate-size]").textContent = size;
    this.#panel.querySelector("[data-estimate-time]").textContent = time;
    this.#panel.querySelector("[data-estimate-basis]").textContent = basis;
  }

  #field(name) {
    return this.#form.querySelector(`[data-field="${CSS.escape(name)}"]`);
  }

  #showAllErrors(errors) {
    for (const name of Object.keys(errors)) if (name !== "name") this.#touched.add(name);
    for (const name of this.#touched) if (name !== "name") this.#showErrors(name, errors[name] ?? []);
  }

  #showErrors(name, sentences) {
    const field = this.#field(name);
    if (!field) return;
    const list = [...field.querySelectorAll("[data-errors]")].find((one) => one.closest("[data-field]") === field);
    field.classList.toggle("field--bad", sentences.length > 0);
    for (const input of field.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (sentences.length) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
    list.replaceChildren(...sentences.map((sentence) => Object.assign(document.createElement("li"), { textContent: sentence })));
  }
}
