// Of many rules the best and an even part of the others: what parallel coordinates can show without becoming a blot.
import { OUTCOMES } from "../columns.js";
import { spread } from "./thinning.js";

export const MOST_LINES = 700; // that fit
const MOST_OTHERS = 200; // that do not, in grey behind them
const MOST_BEST = 250; // the best are always among the lines
const BINS = 1000;

/** @param {number[]} places  @param {ArrayLike<number>} reward  from 0 to 1 */
export function sample(places, reward, most = MOST_LINES) {
  if (places.length <= most) return places;
  const binOf = (place) => Math.floor(BINS * Math.min(1, Math.max(0, reward[place])));
  const bins = new Int32Array(BINS + 1);
  for (const place of places) bins[binOf(place)] += 1;
  let [bin, count] = [BINS, 0];
  while (bin >= 0 && count + bins[bin] <= MOST_BEST) count += bins[bin--];
  const best = places.filter((place) => binOf(place) > bin);
  return [...spread(places.filter((place) => binOf(place) <= bin), most - best.length), ...best];
}

/** Some of the rules with a reward that are not among those that fit. */
export function someOthers({ size, reward, outcome }, fitting) {
  const others = [];
  let next = 0; // of `fitting`, which is in order
  for (let place = 0; place < size; place += 1) {
    if (fitting[next] === place) next += 1;
    else if (reward[place] === reward[place] && OUTCOMES[outcome[place]] !== "duplicate") others.push(place);
  }
  return spread(others, MOST_OTHERS);
}
