// Reward of each candidate, the best so far, the moving mean, and what they are held against: few traces, however many
// points.
import { OUTCOMES } from "../columns.js";
import { baselineLines, confirmedPoints } from "./reference_lines.js";
import { layout, token } from "./style.js";
import { placesByOutcome, thin } from "./thinning.js";

const WINDOW = 20; // candidates in the moving mean
const MOST_MEANS = 400; // points of its line

const KINDS = [
  { name: "trained", symbol: "circle", outcomes: ["trained"] },
  { name: "duplicate", symbol: "circle-open", outcomes: ["duplicate"] },
  { name: "screened", symbol: "line-ew-open", outcomes: ["screened"] },
  { name: "dropped or diverged", symbol: "x", outcomes: ["dropped", "diverged"] },
];

function points(kind, byOutcome, { size, index, reward, round, complexity }, view) {
  const places = kind.outcomes.flatMap((name) => byOutcome[OUTCOMES.indexOf(name)]);
  const shown = thin(places, index, reward, view);
  return {
    type: "scatter", name: kind.name, mode: "markers",
    x: shown,
    y: shown.map((place) => reward[place]),
    marker: { size: size > 600 ? 4 : 6, color: token("chart-points"), opacity: 0.65, symbol: kind.symbol },
    customdata: shown.map((place) => [place, round[place], complexity[place]]),
    hovertemplate: `rule %{x} · %{y:.2%}<br>round %{customdata[1]} · complexity %{customdata[2]} · ${kind.name}<extra></extra>`,
  };
}

/** The best so far where it changes, and the mean of the last WINDOW rewards, in one pass. */
export function lines({ size, reward }) {
  const best = { x: [], y: [] };
  const mean = { x: [], y: [] };
  const last = new Float64Array(WINDOW);
  const step = Math.ceil(size / MOST_MEANS);
  let [count, sum, end, top] = [0, 0, -1, -Infinity];
  for (let place = 0; place < size; place += 1) {
    const value = reward[place];
    if (value !== value) continue;
    sum += value - (count >= WINDOW ? last[count % WINDOW] : 0);
    last[count % WINDOW] = value;
    count += 1;
    end = place;
    if (value > top) add(best, place, (top = value));
    if (count % step === 0) add(mean, place, sum / Math.min(count, WINDOW));
  }
  if (best.x.at(-1) < end) add(best, end, top);
  if (count > 0 && mean.x.at(-1) !== end) add(mean, end, sum / Math.min(count, WINDOW));
  return { best, mean };
}

function add(line, x, y) {
  line.x.push(x);
  line.y.push(y);
}

/** @param {import("../search_store.js").SearchStore} store */
export function rewardsFigure(store, view) {
  const { best, mean } = lines(store.candidates);
  if (best.x.length === 0) return null;
  const byOutcome = placesByOutcome(store.candidates);
  const line = { type: "scatter", mode: "lines", hoverinfo: "skip" };
  return {
    data: [
      ...KINDS.map((kind) => points(kind, byOutcome, store.candidates, view)),
      { ...line, ...mean, name: `mean of ${WINDOW}`, line: { color: token("chart-mean"), width: 2 } },
      { ...line, ...best, name: "best so far", line: { color: token("chart-best"), width: 2.5, shape: "hv" } },
      ...confirmedPoints(store.confirmed),
      ...baselineLines(store.baselines, Math.max(1, best.x.at(-1))),
    ],
    layout: layout({ x: "candidate", y: "reward (validation accuracy)", more: { yaxis: { tickformat: ".0%" } } }),
  };
}
