// The curve of a child in training, small enough for many: the sweep's rates as dots on the left, epochs as a line.
const SVG = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT, SWEEP, EDGE] = [200, 52, 60, 4];

function node(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

const across = (share) => SWEEP + EDGE + share * (WIDTH - SWEEP - 2 * EDGE);
const up = (accuracy) => HEIGHT - EDGE - Math.min(1, Math.max(0, accuracy)) * (HEIGHT - 2 * EDGE);

/** @param {{sweep: number[][], curve: number[][], epochs: number, rates: number}} child */
export function curveDrawing({ sweep, curve, epochs, rates }) {
  const drawing = node("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", class: "small-curve", "aria-hidden": "true" });
  drawing.append(node("line", { x1: 0, x2: WIDTH, y1: up(0), y2: up(0), class: "small-curve__floor" }));
  drawing.append(node("line", { x1: SWEEP, x2: SWEEP, y1: 0, y2: HEIGHT, class: "small-curve__floor" }));
  const byRate = [...sweep].sort(([a], [b]) => a - b);
  byRate.forEach(([, accuracy], place) => {
    const x = EDGE + ((place + 0.5) / Math.max(rates, byRate.length)) * (SWEEP - 2 * EDGE);
    drawing.append(node("line", { x1: x, x2: x, y1: up(0), y2: up(accuracy), class: "small-curve__rate" }));
  });
  const last = Math.max(epochs, curve.at(-1)?.[0] ?? 0);
  const points = [[0, 0], ...curve].map(([epoch, accuracy]) => `${across(epoch / last)},${up(accuracy)}`);
  if (curve.length > 0) drawing.append(node("polyline", { points: points.slice(curve.length > 1 ? 1 : 0).join(" "), class: "small-curve__line" }));
  return drawing;
}
