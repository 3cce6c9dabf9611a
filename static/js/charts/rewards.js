// Reward of each candidate, the best so far, the moving mean, and what they are held against: few traces, however many
// points.
import { percent } from "../format.js";
import { baselineLines, confirmedPoints } from "./reference_lines.js";
import { layout, token } from "./style.js";

const MANY = 5000; // points above which WebGL draws them
const WINDOW = 20; // candidates in the moving mean

export function bestSoFar(rewards) {
  let best = -Infinity;
  return rewards.map((reward) => (best = Math.max(best, reward)));
}

export function movingMean(rewards, window = WINDOW) {
  let sum = 0;
  return rewards.map((reward, position) => {
    sum += reward - (position >= window ? rewards[position - window] : 0);
    return sum / Math.min(position + 1, window);
  });
}

const KINDS = [
  { name: "trained", symbol: "circle", holds: ({ outcome }) => outcome === "trained" },
  { name: "duplicate", symbol: "circle-open", holds: ({ outcome }) => outcome === "duplicate" },
  { name: "screened", symbol: "line-ew-open", holds: ({ outcome }) => outcome === "screened" },
  { name: "dropped or diverged", symbol: "x", holds: ({ outcome }) => ["dropped", "diverged"].includes(outcome) },
];

function points(kind, candidates, type, ruleUrl) {
  const shown = candidates.filter(kind.holds);
  return {
    type, name: kind.name, mode: "markers",
    x: shown.map(({ index }) => index),
    y: shown.map(({ reward }) => reward),
    marker: { size: candidates.length > 600 ? 4 : 6, color: token("chart-points"), opacity: 0.65, symbol: kind.symbol },
    customdata: shown.map(({ index }) => ({ url: ruleUrl(index) })),
    text: shown.map((c) => `rule ${c.index} · ${percent(c.reward)}<br>round ${c.round} · complexity ${c.complexity} · ${c.outcome}`),
    hovertemplate: "%{text}<extra></extra>",
  };
}

/** @param {import("../search_store.js").SearchStore} store  @param {(index: number) => string} ruleUrl */
export function rewardsFigure(store, ruleUrl) {
  const candidates = store.rewarded();
  if (candidates.length === 0) return null;
  const x = candidates.map(({ index }) => index);
  const y = candidates.map(({ reward }) => reward);
  const type = candidates.length > MANY ? "scattergl" : "scatter";
  const line = { type, mode: "lines", x, hoverinfo: "skip" };
  return {
    data: [
      ...KINDS.map((kind) => points(kind, candidates, type, ruleUrl)),
      { ...line, y: movingMean(y), name: `mean of ${WINDOW}`, line: { color: token("chart-mean"), width: 2 } },
      { ...line, y: bestSoFar(y), name: "best so far", line: { color: token("chart-best"), width: 2.5, shape: "hv" } },
      ...confirmedPoints(store.confirmed, ruleUrl),
      ...baselineLines(store.baselines, Math.max(1, x.at(-1))),
    ],
    layout: layout({ x: "candidate", y: "reward (validation accuracy)", more: { yaxis: { tickformat: ".0%" } } }),
  };
}
