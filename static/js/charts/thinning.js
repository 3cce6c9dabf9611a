// Fewer points that look the same: of those that would lie on one another, one stays.
import { OUTCOMES } from "../columns.js";

const MANY = 1000; // points that are drawn as they are
const COLUMNS = 52;
const ROWS = 20;
const SIDE = 10; // columns on each side of what a person zoomed into

/** The places of the candidates with a reward, for each outcome's code. */
export function placesByOutcome({ size, reward, outcome }) {
  const places = OUTCOMES.map(() => []);
  for (let place = 0; place < size; place += 1) if (reward[place] === reward[place]) places[outcome[place]].push(place);
  return places;
}

/**
 * @param {number[]} places  of points  @param {ArrayLike<number>} x  @param {ArrayLike<number>} y
 * @param {{x: number[]|null, y: number[]|null}} view  ranges in sight; null: all
 */
export function thin(places, x, y, view) {
  if (places.length <= MANY) return places;
  const [left, right] = extent(places, x);
  const [low, high] = view.y ?? extent(places, y);
  const [from, to] = view.x ?? [left, right];
  // Powers of two: cells stay where they are while the chart grows, and with them the points that are drawn.
  const wide = 2 ** Math.ceil(Math.log2(Math.max(to - from, 1e-9) / COLUMNS));
  const tall = Math.max(high - low, 1e-9) / ROWS;
  const first = Math.floor(from / wide);
  const columns = Math.floor(to / wide) - first + 1;
  const column = (value) => {
    if (value < from) return Math.floor(((value - left) / (from - left)) * SIDE);
    if (value > to) return SIDE + columns + Math.floor(((value - to) / (right - to)) * (SIDE - 1));
    return SIDE + Math.floor(value / wide) - first;
  };
  // One of a cell by lot, but always the same one, and the highest of all in any case.
  const rank = (place) => (y[place] === high ? -1 : Math.imul(place + 1, 0x9e3779b1) >>> 0);
  const cells = new Int32Array((columns + 2 * SIDE) * ROWS).fill(-1);
  for (const place of places) {
    const row = Math.min(ROWS - 1, Math.max(0, Math.floor((y[place] - low) / tall)));
    const cell = column(x[place]) * ROWS + row;
    if (cells[cell] < 0 || rank(place) < rank(cells[cell])) cells[cell] = place;
  }
  return Array.from(cells.filter((place) => place >= 0));
}

function extent(places, values) {
  let [low, high] = [Infinity, -Infinity];
  for (const place of places) {
    if (values[place] < low) low = values[place];
    if (values[place] > high) high = values[place];
  }
  return [low, high];
}

/** At most `most` of these, evenly spread, always with the last one. */
export function spread(items, most) {
  const step = Math.ceil(items.length / most);
  return step <= 1 ? items : items.filter((_, place) => (items.length - 1 - place) % step === 0);
}
