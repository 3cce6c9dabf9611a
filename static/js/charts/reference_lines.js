// What rewards are held against: baselines as lines, confirmed rules as their mean with its spread.
import { percent } from "../format.js";
import { token } from "./style.js";

// Two that everybody knows have a name in the legend; the others lie close together and are told by the pointer.
const NAMED = { adam: { dash: "solid", width: 1.75 }, sgd: { dash: "dash", width: 1.75 } };
const STOPS = [0, 0.2, 0.4, 0.6, 0.8, 1]; // points along a line where the pointer finds it

export function spreadText({ mean, std, n }) {
  return `${percent(mean)}${std === null ? "" : ` ± ${(100 * std).toFixed(2)}`} (${n})`;
}

/** One trace for any number of lines: a gap after each. */
function trace(name, lines, last, line) {
  const points = lines.flatMap((one) => [
    ...STOPS.map((share) => ({ x: share * last, y: one.mean, text: `${one.title}, baseline: ${spreadText(one)}` })),
    { x: null, y: null, text: "" },
  ]);
  return {
    type: "scatter",
    mode: "lines",
    name,
    x: points.map(({ x }) => x),
    y: points.map(({ y }) => y),
    text: points.map(({ text }) => text),
    line: { color: token("chart-baseline"), ...line },
    hovertemplate: "%{text}<extra></extra>",
  };
}

/** @param {Map<string, object>} baselines  @param {number} last  the chart's last candidate */
export function baselineLines(baselines, last) {
  const named = Object.entries(NAMED).filter(([name]) => baselines.has(name));
  const others = [...baselines.values()].filter(({ name }) => !(name in NAMED));
  return [
    ...named.map(([name, line]) => trace(baselines.get(name).title, [baselines.get(name)], last, line)),
    ...(others.length ? [trace("other baselines", others, last, { width: 1, dash: "dot" })] : []),
  ];
}

/** @param {Map<number, object>} confirmed */
export function confirmedPoints(confirmed) {
  const rows = [...confirmed].sort(([a], [b]) => a - b);
  if (rows.length === 0) return [];
  return [
    {
      type: "scatter",
      mode: "markers",
      name: "confirmed ± s",
      x: rows.map(([index]) => index),
      y: rows.map(([, { mean }]) => mean),
      error_y: { array: rows.map(([, { std }]) => std ?? 0), color: token("chart-confirmed"), thickness: 1.5, width: 4 },
      marker: { size: 9, symbol: "diamond", color: token("chart-confirmed") },
      customdata: rows.map(([index]) => index),
      text: rows.map(([index, line]) => `rule ${index}, confirmed: ${spreadText(line)}`),
      hovertemplate: "%{text}<extra></extra>",
    },
  ];
}
