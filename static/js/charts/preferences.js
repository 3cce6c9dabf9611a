// How the controller's preference for each primitive moves: rounds from left to right, a row for each token, darker for
// a larger share of what it would propose.
import { layout, token } from "./style.js";
import { spread } from "./thinning.js";

const MOST = 150; // columns

/** @param {string} kind  operand, unary or binary */
export function preferencesFigure(store, kind) {
  const names = store.tokens[kind] ?? [];
  const rounds = spread(store.rounds.filter(({ metrics }) => metrics.preferences?.[kind]?.length === names.length), MOST);
  if (rounds.length === 0 || names.length === 0) return null;
  const shares = names.map((_, place) => rounds.map(({ metrics }) => metrics.preferences[kind][place]));
  const small = names.length > 18;
  return {
    data: [
      {
        type: "heatmap",
        x: rounds.map(({ number }) => number),
        y: names.map((_, place) => place),
        z: shares,
        text: names.map((name) => rounds.map(() => name)),
        zmin: 0,
        zmax: shares.flat().reduce((high, share) => Math.max(high, share), 0.01),
        colorscale: [[0, token("surface-2")], [0.5, token("chart-points")], [1, token("chart-best")]],
        colorbar: { thickness: 10, outlinewidth: 0, tickformat: ".0%", tickfont: { size: 11, color: token("text-2") } },
        hovertemplate: "round %{x} · %{text}<br>%{z:.1%} of its slots<extra></extra>",
      },
    ],
    layout: layout({
      x: "round",
      y: "",
      more: {
        yaxis: {
          autorange: "reversed", fixedrange: true, showgrid: false,
          tickvals: names.map((_, place) => place), ticktext: names, tickfont: { size: small ? 9 : 11, color: token("text-2") },
        },
        xaxis: { showgrid: false },
      },
    }),
  };
}
