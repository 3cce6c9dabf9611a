// What the controller says of itself round by round: a row for each measure that is switched on, one axis of rounds.
import { layout, token } from "./style.js";
import { spread } from "./thinning.js";

const MOST = 500; // points of a line
const GAP = 0.08; // between rows, as a share of the height

export const MEASURES = {
  entropy: { title: "entropy (nats)", format: ".3f", colour: "chart-extra", lines: ["entropy"] },
  kl: { title: "KL (nats)", format: ".2~g", colour: "chart-mean", lines: ["kl"] },
  loss: { title: "loss", format: ".3~g", colour: "chart-points", lines: ["loss"] },
  reward: { title: "reward", format: ".1%", colour: "chart-best", lines: ["mean_reward", "baseline"] },
};
const NAMES = { mean_reward: "mean reward", baseline: "reward baseline" };

function trace(rounds, measure, key, row) {
  const { format, colour } = MEASURES[measure];
  const shown = spread(rounds.filter(({ metrics }) => Number.isFinite(metrics[key])), MOST);
  const isBaseline = key === "baseline";
  return {
    type: "scatter",
    mode: shown.length < 40 ? "lines+markers" : "lines",
    name: NAMES[key] ?? key,
    yaxis: `y${row || ""}`,
    x: shown.map(({ number }) => number),
    y: shown.map(({ metrics }) => metrics[key]),
    line: { color: token(isBaseline ? "chart-baseline" : colour), width: 2, dash: isBaseline ? "dash" : "solid" },
    marker: { size: 5 },
    hovertemplate: `round %{x} · ${NAMES[key] ?? key} %{y:${format}}<extra></extra>`,
  };
}

/** @param {string[]} measures  of MEASURES, those that are switched on */
export function policyFigure(store, measures) {
  const rounds = store.rounds;
  const shown = Object.keys(MEASURES).filter((name) => measures.includes(name));
  if (rounds.length === 0 || shown.length === 0) return null;
  const rows = shown.map((_, row) => (row === 0 ? "" : row + 1));
  const height = (1 - GAP * (shown.length - 1)) / shown.length;
  const data = shown.flatMap((name, row) => MEASURES[name].lines.map((key) => trace(rounds, name, key, rows[row])));
  const drawing = layout({ x: "round", y: "", more: { showlegend: false } });
  const { yaxis } = drawing;
  shown.forEach((name, row) => {
    const top = 1 - row * (height + GAP);
    const title = { ...yaxis.title, text: MEASURES[name].title };
    const domain = [Math.max(0, top - height), top];
    drawing[`yaxis${rows[row]}`] = { ...yaxis, title, domain, fixedrange: true, nticks: 5, tickformat: MEASURES[name].format };
  });
  drawing.xaxis.anchor = `y${rows.at(-1)}`;
  return data.some(({ x }) => x.length > 0) ? { data, layout: drawing } : null;
}
