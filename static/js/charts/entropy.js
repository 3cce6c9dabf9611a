// The policy's entropy in each observed round: it falls as the controller makes up its mind.
import { layout, token } from "./style.js";

export function entropyFigure(store) {
  const rounds = store.observedRounds().filter(([, metrics]) => Number.isFinite(metrics.entropy));
  if (rounds.length === 0) return null;
  return {
    data: [
      {
        type: "scatter",
        mode: rounds.length < 40 ? "lines+markers" : "lines",
        x: rounds.map(([number]) => number),
        y: rounds.map(([, metrics]) => metrics.entropy),
        line: { color: token("chart-extra"), width: 2 },
        marker: { size: 5 },
        hovertemplate: "round %{x} · %{y:.3f} nats<extra></extra>",
      },
    ],
    layout: layout({ x: "round", y: "entropy (nats)", more: { showlegend: false } }),
  };
}
