// The workers' page: HTML from the server every few seconds, put in place where it changed and nobody is at work.
import { showMoments } from "./moments.js";

const BETWEEN = 3000; // ms
const box = document.querySelector("[data-fleet]");
const lost = document.querySelector("[data-fleet-lost]");
const last = new Map(); // part → HTML as the server wrote it
let timer = 0;

const parts = (root) => [...root.querySelectorAll("[data-part]")];
const names = (root) => parts(root).map(({ dataset }) => dataset.part).join();
const inUse = (part) => part.contains(document.activeElement) || part.querySelector("details[open]") !== null;

async function refresh() {
  try {
    const response = await fetch(box.dataset.url, { redirect: "error" });
    if (!response.ok) throw new Error(response.statusText);
    put(new DOMParser().parseFromString(await response.text(), "text/html"));
    lost.hidden = true;
  } catch {
    lost.hidden = false; // the next round tries again
  }
  wait();
}

function put(fresh) {
  if (names(fresh) !== names(box) && !parts(box).some(inUse)) {
    box.replaceChildren(...parts(fresh).map((part) => document.importNode(part, true)));
    showMoments(box);
    return;
  }
  for (const part of parts(fresh)) {
    const old = box.querySelector(`[data-part="${part.dataset.part}"]`);
    if (!old || inUse(old) || last.get(part.dataset.part) === part.outerHTML) continue;
    last.set(part.dataset.part, part.outerHTML);
    const added = document.importNode(part, true);
    const scrolled = old.querySelector(".fleet-audit")?.scrollTop ?? 0;
    old.replaceWith(added);
    if (scrolled) added.querySelector(".fleet-audit").scrollTop = scrolled;
    showMoments(added);
  }
}

function wait() {
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(refresh, BETWEEN);
}

document.addEventListener("visibilitychange", wait);
// What cannot be undone asks first.
document.addEventListener("click", (event) => {
  const question = event.target.closest?.("[data-ask]")?.dataset.ask;
  if (question && !window.confirm(question)) event.preventDefault();
});
wait();
