// A rule's child runs: validation accuracy and training loss by epoch; the sweep's runs as points, the final as a line.
import { layout, token } from "./style.js";

const LABEL = (run) => `${run.stage} · λ = ${run.learning_rate.toExponential(0)}`;

function trace(run, key, format) {
  const final = run.stage === "final";
  return {
    type: "scatter",
    mode: final ? "lines+markers" : "markers",
    name: LABEL(run),
    x: run.curve.map((point) => point.epoch),
    y: run.curve.map((point) => point[key]),
    line: { color: token("chart-best"), width: 2.5 },
    marker: final ? { size: 6, color: token("chart-best") } : { size: 9, symbol: "circle-open", color: token("chart-points") },
    hovertemplate: `${LABEL(run)}<br>epoch %{x} · %{y:${format}}<extra></extra>`,
    showlegend: false,
  };
}

export function accuracyFigure(runs) {
  return curves(runs, "validation_accuracy", ".2%", "validation accuracy", { tickformat: ".0%", rangemode: "tozero" });
}

export function lossFigure(runs) {
  // Diverging runs lose by millions: on a logarithmic axis the others stay readable.
  const losses = runs.flatMap((run) => run.curve.map((point) => point.train_loss)).filter((loss) => loss > 0);
  const decades = Math.log10(Math.max(...losses) / Math.min(...losses));
  // Powers of ten, six at most; 1, 2 and 5 where few of them are in sight.
  const ticks = { dtick: decades > 3 ? Math.ceil(decades / 6) : "D2", tickformat: ".2~g" };
  return curves(runs, "train_loss", ".4g", "training loss", { type: "log", ...ticks });
}

function curves(runs, key, format, title, yaxis) {
  const shown = runs.filter((run) => run.curve.some((point) => Number.isFinite(point[key])));
  if (shown.length === 0) return null;
  return {
    data: shown.map((run) => trace(run, key, format)),
    layout: layout({ x: "epoch", y: title, more: { yaxis, xaxis: { rangemode: "tozero" } } }),
  };
}

/** Accuracy after the sweep's epoch for each learning rate tried: why the chosen one was chosen. */
export function sweepFigure(runs) {
  const sweep = runs.filter((run) => run.stage === "sweep").sort((a, b) => a.learning_rate - b.learning_rate);
  if (sweep.length === 0) return null;
  return {
    data: [
      {
        type: "scatter",
        mode: "lines+markers",
        cliponaxis: false,
        x: sweep.map((run) => run.learning_rate),
        y: sweep.map((run) => run.curve.at(-1)?.validation_accuracy ?? 0),
        text: sweep.map((run) => run.outcome),
        line: { color: token("chart-points"), width: 1.5, dash: "dot" },
        marker: {
          size: 9,
          color: token("chart-points"),
          symbol: sweep.map((run) => (run.outcome === "trained" ? "circle" : "x")),
        },
        hovertemplate: "λ = %{x:.0e} · %{y:.2%} · %{text}<extra></extra>",
      },
    ],
    layout: layout({
      x: "learning rate λ",
      y: "validation accuracy",
      more: { showlegend: false, xaxis: { type: "log", dtick: 1, tickformat: ".0e" }, yaxis: { tickformat: ".0%", rangemode: "tozero" } },
    }),
  };
}
