// What rewards are held against: each baseline as a line, each confirmed rule as its mean with its spread.
import { percent } from "../format.js";
import { token } from "./style.js";

// Decays of one rule lie close together: they are there, but shown only when asked for.
const HIDDEN = /-(ld|cd|rd)$/;
const DASHES = ["solid", "dash", "dot", "dashdot", "longdash", "longdashdot"];

function spread({ mean, std, n }) {
  return `${percent(mean)}${std === null ? "" : ` ± ${(100 * std).toFixed(2)}`} (${n})`;
}

/** @param {Map<string, object>} baselines  @param {number} last  the chart's last candidate */
export function baselineLines(baselines, last) {
  const sorted = [...baselines.values()].sort((a, b) => b.mean - a.mean);
  return sorted.map((line, place) => ({
    type: "scatter",
    mode: "lines",
    name: line.title,
    x: [0, last / 2, last],
    y: [line.mean, line.mean, line.mean],
    line: { color: token("chart-baseline"), width: 1.25, dash: DASHES[place % DASHES.length] },
    visible: HIDDEN.test(line.name) ? "legendonly" : true,
    hovertemplate: `${line.title}, baseline: ${spread(line)}<extra></extra>`,
  }));
}

/** @param {Map<number, object>} confirmed  @param {(index: number) => string} ruleUrl */
export function confirmedPoints(confirmed, ruleUrl) {
  const rows = [...confirmed].sort(([a], [b]) => a - b);
  if (rows.length === 0) return [];
  return [
    {
      type: "scatter",
      mode: "markers",
      name: "confirmed mean ± s",
      x: rows.map(([index]) => index),
      y: rows.map(([, { mean }]) => mean),
      error_y: { array: rows.map(([, { std }]) => std ?? 0), color: token("chart-confirmed"), thickness: 1.5, width: 4 },
      marker: { size: 9, symbol: "diamond", color: token("chart-confirmed") },
      customdata: rows.map(([index]) => ({ url: ruleUrl(index) })),
      text: rows.map(([index, line]) => `rule ${index}, confirmed: ${spread(line)}`),
      hovertemplate: "%{text}<extra></extra>",
    },
  ];
}
