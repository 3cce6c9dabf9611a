// Who may draw when: one view an animation frame, only what is in sight, the one that waits longest first, and only so
// often that drawing takes a small share of the time, however long it takes. What a person did is drawn at once.
const REST = 15; // after a view that took 40 ms to draw, nothing is drawn for 15 · 40 ms
const LONGEST_REST = 3000; // ms
const LOOK_AGAIN = 100; // ms
const HELD_FOR = 4000; // ms that a view is left alone while somebody points at it

/** A view has `inSight`, `heldSince` (ms, 0: not held) and `paint()`; false, or a promise of it: there was nothing to draw. */
const waiting = new Map(); // view → since when it waits, in ms; 0: a person waits for it
let restUntil = 0; // ms
let asked = 0;
let timer = 0;
let painting = false;

function due(view, now) {
  const held = view.heldSince > 0 && now - view.heldSince < HELD_FOR;
  const since = waiting.get(view);
  return view.inSight && !held && (since === 0 || restUntil <= now);
}

function ask() {
  const someInSight = [...waiting.keys()].some((view) => view.inSight);
  if (!asked && !painting && someInSight) asked = requestAnimationFrame(frame);
}

async function frame() {
  asked = 0;
  const now = performance.now();
  const ready = [...waiting.keys()].filter((view) => due(view, now));
  const [next] = ready.sort((a, b) => waiting.get(a) - waiting.get(b));
  if (next) {
    const since = waiting.get(next);
    waiting.delete(next);
    painting = true;
    try {
      const hasDrawn = await next.paint();
      await new Promise(requestAnimationFrame); // what the browser makes of it counts, too
      const rest = Math.min(LONGEST_REST, REST * (performance.now() - now));
      restUntil = hasDrawn === false || since === 0 ? restUntil : performance.now() + rest;
    } catch (error) {
      console.error(error); // the other views go on
    }
    painting = false;
    ask();
  } else {
    clearTimeout(timer);
    timer = setTimeout(ask, LOOK_AGAIN); // nobody is due
  }
}

/** @param {boolean} now  a person waits for it */
export function askToDraw(view, now = false) {
  waiting.set(view, now ? 0 : (waiting.get(view) ?? performance.now()));
  if (view.inSight) ask();
}
