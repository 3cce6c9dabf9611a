// The Pareto front of complexity and reward: rules that no simpler rule equals. It costs one pass and a sort of the
// complexities, so it stays quick where a comparison of each with each does not.
import { OUTCOMES } from "../columns.js";
import { percent } from "../format.js";
import { spreadText } from "./reference_lines.js";
import { layout, token } from "./style.js";
import { placesByOutcome, thin } from "./thinning.js";

const TRAINED = OUTCOMES.indexOf("trained");

/** Places of the rules on the front, the simplest first: each has a higher reward than every simpler one. O(n log n). */
export function front({ size, reward, complexity, outcome }) {
  const best = new Map(); // complexity → place of its best rule, the earlier of equals
  for (let place = 0; place < size; place += 1) {
    if (outcome[place] !== TRAINED || reward[place] !== reward[place]) continue;
    const before = best.get(complexity[place]);
    if (before === undefined || reward[place] > reward[before]) best.set(complexity[place], place);
  }
  let highest = -Infinity;
  return [...best].sort(([a], [b]) => a - b).map(([, place]) => place).filter((place) => {
    const rises = reward[place] > highest;
    if (rises) highest = reward[place];
    return rises;
  });
}

function all({ size, reward, complexity, outcome }, view) {
  const trained = placesByOutcome({ size, reward, outcome })[TRAINED];
  const shown = thin(trained, complexity, reward, view);
  return {
    type: "scatter", mode: "markers", name: "trained rules",
    x: shown.map((place) => complexity[place]),
    y: shown.map((place) => reward[place]),
    customdata: shown,
    marker: { size: size > 600 ? 4 : 6, color: token("chart-points"), opacity: 0.5 },
    hovertemplate: "rule %{customdata} · %{y:.2%}<br>complexity %{x}<extra></extra>",
  };
}

function line({ reward, complexity }, places, last) {
  const ends = [...places, places.at(-1)]; // the last step goes on to the most complex rule
  return {
    type: "scatter", mode: "lines+markers", name: "front",
    x: ends.map((place, number) => (number < places.length ? complexity[place] : Math.max(last, complexity[place]))),
    y: ends.map((place) => reward[place]),
    customdata: ends,
    line: { color: token("chart-best"), width: 2, shape: "hv" },
    marker: { color: token("chart-best"), size: ends.map((_, number) => (number < places.length ? 8 : 0)) },
    hovertemplate: "rule %{customdata} · %{y:.2%}<br>complexity %{x} · on the front<extra></extra>",
  };
}

function marked({ reward, complexity }, places, confirmed) {
  return {
    type: "scatter", mode: "markers", name: "confirmed",
    x: places.map((place) => complexity[place]),
    y: places.map((place) => reward[place]),
    customdata: places,
    text: places.map((place) => `rule ${place} · reward ${percent(reward[place])}<br>confirmed: ${spreadText(confirmed.get(place))}`),
    marker: { size: 15, symbol: "circle-open", color: token("chart-confirmed"), line: { width: 2.5 } },
    hovertemplate: "%{text}<extra></extra>",
  };
}

export function frontFigure(store, view) {
  const { candidates, confirmed } = store;
  const places = front(candidates);
  if (places.length === 0) return null;
  const points = all(candidates, view);
  const known = [...confirmed.keys()].filter((place) => place < candidates.size);
  return {
    data: [
      points,
      line(candidates, places, points.x.reduce((a, b) => Math.max(a, b), 0)),
      ...(known.length ? [marked(candidates, known, confirmed)] : []),
    ],
    layout: layout({ x: "complexity (nodes of the rule)", y: "reward", more: { yaxis: { tickformat: ".0%" } } }),
  };
}
