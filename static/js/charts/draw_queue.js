// Who may draw when: one view an animation frame, only what is in sight, and each only so often that drawing takes a
// small share of the time, however long it takes. What a person did themselves is drawn at once.
const REST = 12; // a view that took 40 ms to draw may draw again after 12 · 40 ms
const LONGEST_REST = 3000; // ms
const HELD_FOR = 4000; // ms that a view is left alone while somebody points at it

/** A view has `inSight`, `heldSince` (ms, 0: not held) and `paint()`; false, or a promise of it: there was nothing to draw. */
const waiting = new Map(); // view → when it may draw
const allowed = new WeakMap(); // view → when it may draw again
let asked = 0;
let painting = false;

function due(view, now) {
  const held = view.heldSince > 0 && now - view.heldSince < HELD_FOR;
  return view.inSight && !held && waiting.get(view) <= now;
}

function ask() {
  if (!asked && !painting && waiting.size > 0) asked = requestAnimationFrame(frame);
}

async function frame() {
  asked = 0;
  const now = performance.now();
  const ready = [...waiting.keys()].filter((view) => due(view, now));
  const [next] = ready.sort((a, b) => waiting.get(a) - waiting.get(b));
  if (next) {
    waiting.delete(next);
    painting = true;
    try {
      const hasDrawn = await next.paint();
      await new Promise(requestAnimationFrame); // what the browser makes of it counts, too
      const rest = Math.min(LONGEST_REST, REST * (performance.now() - now));
      allowed.set(next, hasDrawn === false ? 0 : performance.now() + rest);
    } finally {
      painting = false;
    }
    ask();
  } else {
    setTimeout(ask, 100); // nobody is due: look again, but not at every frame
  }
}

/** @param {boolean} now  a person waits for it */
export function askToDraw(view, now = false) {
  const at = now ? 0 : (allowed.get(view) ?? 0);
  waiting.set(view, Math.min(at, waiting.get(view) ?? Infinity));
  if (view.inSight) ask();
}
