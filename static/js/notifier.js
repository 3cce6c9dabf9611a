// A notification of the browser when a search ends. Asked for with a button, remembered by this browser.
const KEY = "notify";
const ENDS = { finished: "is finished", stopped: "was stopped", failed: "has failed" };
const BLOCKED = "This browser blocks notifications of this site; its settings for the site can allow them.";

function remembered() {
  try {
    return localStorage.getItem(KEY) === "on";
  } catch {
    return false;
  }
}

function remember(on) {
  try {
    localStorage.setItem(KEY, on ? "on" : "off");
  } catch {
    // Not kept, but it holds for this page.
  }
}

export class Notifier {
  #button;
  #on = false;

  /** @param {HTMLButtonElement | null} button  stays hidden where the browser has no notifications */
  constructor(button) {
    this.#button = button;
    if (!button || !("Notification" in window) || !window.isSecureContext) return;
    this.#on = remembered() && Notification.permission === "granted";
    button.hidden = false;
    button.addEventListener("click", () => this.#toggle());
    this.#show();
  }

  async #toggle() {
    const asked = this.#on ? "off" : await Notification.requestPermission();
    this.#on = asked === "granted";
    remember(this.#on);
    this.#show(asked === "denied");
  }

  #show(blocked = Notification.permission === "denied") {
    this.#button.setAttribute("aria-pressed", String(this.#on));
    this.#button.textContent = this.#on ? "You will be told" : "Tell me when it ends";
    this.#button.title = blocked ? BLOCKED : "A notification of the browser, even when this page is in the background";
    if (blocked) this.#button.textContent = "Notifications are blocked";
  }

  follow({ name, status, best, done, budget }, before) {
    if (!this.#on || before === null || before.status === status || !(status in ENDS)) return;
    if (!document.hidden && document.hasFocus()) return; // they are looking at it
    const body = `${done} of ${budget} candidates, best reward ${best}.`;
    const notification = new Notification(`“${name}” ${ENDS[status]}`, { body, tag: window.location.pathname });
    notification.onclick = () => window.focus();
  }
}
