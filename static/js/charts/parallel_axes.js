// The axes of the parallel coordinates: ticks, names that can be moved, and the ranges that a person keeps along them.
const SVG = "http://www.w3.org/2000/svg";
const GRIP = 26; // px around an axis where a range can be drawn
const CLICK = 4; // px: less than that is a click
export const EDGE = { top: 46, bottom: 16, side: 52 };

export function node(name, attributes, text = "") {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

/** Ends of an axis and where a value stands between them, in px from the top. */
export function scaleOf({ names, isLog, key }, values, height) {
  let [low, high] = names ? [-0.5, names.length - 0.5] : [Infinity, -Infinity];
  if (!names) for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  if (isLog) [low, high] = [Math.floor(low), Math.ceil(high)];
  if (key === "r" || key === "c") low = Math.min(low, 0);
  if (!(high > low)) high = low + 1;
  const length = height - EDGE.top - EDGE.bottom;
  return {
    low,
    high,
    y: (value) => EDGE.top + length * (1 - (value - low) / (high - low)),
    value: (y) => low + (high - low) * Math.min(1, Math.max(0, 1 - (y - EDGE.top) / length)),
  };
}

function ticks({ names, isLog, format }, { low, high }) {
  if (names) return names.map((name, place) => [place, name]);
  const step = isLog ? 1 : 10 ** Math.floor(Math.log10((high - low) / 2.5));
  const wide = !isLog && (high - low) / step > 8 ? 2.5 * step : step;
  const count = Math.floor((high - low) / wide + 1e-9);
  return Array.from({ length: count + 1 }, (_, k) => low + k * wide).map((value) => [value, tickText(value, isLog, format)]);
}

function tickText(value, isLog, format) {
  if (isLog) return value <= -8 ? "none" : `1e${value}`;
  return format ? `${Math.round(100 * value)} %` : String(Number(value.toPrecision(3)));
}

/**
 * Draws the axes into an empty `svg`.
 * @param {{axis: object, x: number, scale: object}[]} columns
 * @param {{ranges: Map<string, number[][]>, onRanges: Function, onMove: (key: string, x: number) => void}} options
 */
export function drawAxes(svg, columns, height, { ranges, onRanges, onMove }) {
  svg.replaceChildren(...columns.map(({ axis, x, scale }) => {
    const group = node("g", { transform: `translate(${x},0)`, class: "axis" });
    group.append(node("line", { y1: EDGE.top, y2: height - EDGE.bottom, class: "axis__line" }));
    for (const [low, high] of ranges.get(axis.key) ?? []) {
      const [top, end] = [scale.y(Math.min(high, scale.high)), scale.y(Math.max(low, scale.low))];
      group.append(node("rect", { x: -7, width: 14, y: top, height: Math.max(2, end - top), class: "axis__kept" }));
    }
    for (const [value, text] of ticks(axis, scale)) group.append(node("text", { x: -6, y: scale.y(value) + 3, class: "axis__tick" }, text));
    group.append(gripOf(group, axis, scale, height, ranges, onRanges), nameOf(axis, x, onMove));
    return group;
  }));
}

/** The axes' keys in their order after one of them was dropped at x, or moved by some places. */
export function movedAxes(columns, key, x, by) {
  const keys = columns.map(({ axis }) => axis.key);
  const from = keys.indexOf(key);
  const to = x === null ? from + by : columns.filter((column) => column.axis.key !== key && column.x < x).length;
  keys.splice(from, 1);
  keys.splice(Math.max(0, to), 0, key);
  return keys;
}

function gripOf(group, axis, scale, height, ranges, onRanges) {
  const grip = node("rect", { x: -GRIP / 2, width: GRIP, y: EDGE.top - 6, height: height - EDGE.top - EDGE.bottom + 12, class: "axis__grip" });
  const yOf = (event) => event.clientY - grip.ownerSVGElement.getBoundingClientRect().top;
  grip.addEventListener("pointerdown", (down) => {
    const from = yOf(down);
    const drawn = node("rect", { x: -7, width: 14, y: from, height: 0, class: "axis__kept" });
    group.append(drawn);
    grip.setPointerCapture(down.pointerId);
    grip.onpointermove = (move) => {
      drawn.setAttribute("y", Math.min(from, yOf(move)));
      drawn.setAttribute("height", Math.abs(yOf(move) - from));
    };
    grip.onlostpointercapture = (up) => {
      grip.onpointermove = grip.onlostpointercapture = null;
      drawn.remove();
      const before = ranges.get(axis.key) ?? [];
      const ends = [scale.value(Math.max(from, yOf(up))), scale.value(Math.min(from, yOf(up)))];
      const isClick = Math.abs(yOf(up) - from) < CLICK;
      onRanges(axis.key, isClick ? clicked(axis, ends[0], before) : [...(up.shiftKey ? before : []), snapped(axis, ends)]);
    };
  });
  return grip;
}

/** A click takes a range away, or on a token's name keeps that token, beside those that are kept. */
function clicked({ names }, value, before) {
  const others = before.filter(([low, high]) => value < low || value > high);
  if (others.length < before.length) return others;
  return names ? [...before, snapped({ names }, [value, value])] : [];
}

function snapped({ names }, [low, high]) {
  return names ? [Math.round(low) - 0.5, Math.round(high) + 0.5] : [low, high];
}

function nameOf({ key, label }, x, onMove) {
  const name = node("text", { y: 18, class: "axis__name", tabindex: 0, role: "button", "aria-label": `${label}: left and right arrow move this axis` }, label);
  name.dataset.axis = key;
  name.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    onMove(key, null, step);
  });
  name.addEventListener("pointerdown", (down) => {
    name.setPointerCapture(down.pointerId);
    name.onpointermove = (move) => name.setAttribute("dx", move.clientX - down.clientX);
    name.onlostpointercapture = (up) => {
      name.onpointermove = name.onlostpointercapture = null;
      name.removeAttribute("dx");
      if (Math.abs(up.clientX - down.clientX) > CLICK) onMove(key, x + up.clientX - down.clientX, 0);
    };
  });
  return name;
}
