// Ways over a 2-D test function: its heights as contours, the way of a rule and of a few baselines.
import { layout, token } from "./style.js";

const DASHES = ["dot", "dash", "dashdot", "longdash"];

function contours({ x, y, z }) {
  return {
    type: "contour", x, y, z,
    showscale: false,
    hoverinfo: "skip",
    contours: { coloring: "lines" },
    colorscale: [[0, token("chart-grid")], [1, token("line-strong")]],
    line: { width: 1 },
    ncontours: 14,
  };
}

function way({ title, is_rule: isRule }, walked, place) {
  const rate = walked.learning_rate === null ? "" : ` · λ = ${walked.learning_rate}`;
  const name = walked.outcome === "trained" ? title : `${title} (${walked.outcome})`;
  const color = isRule ? token("chart-best") : [token("chart-points"), token("chart-mean"), token("chart-extra")][place % 3];
  return {
    type: "scatter",
    mode: "lines",
    name,
    x: walked.path.map(([x]) => x),
    y: walked.path.map(([, y]) => y),
    text: walked.values.map((value) => `${title}${rate}<br>f = ${Number(value).toPrecision(3)}`),
    hovertemplate: "%{text}<extra></extra>",
    line: { color, width: isRule ? 2.5 : 1.5, dash: isRule ? "solid" : DASHES[place % DASHES.length] },
  };
}

function mark(name, [x, y], symbol) {
  const marker = { size: 10, symbol, color: token("text"), line: { width: 1.5, color: token("surface") } };
  return { type: "scatter", mode: "markers", name, x: [x], y: [y], marker, hovertemplate: `${name}<extra></extra>` };
}

/** @param {object[]} ways  the rule first  @param {object} surface  {x, y, z} of the contours */
export function pathFigure(name, ways, surface) {
  const walked = ways.map((one) => [one, one.functions.find((each) => each.name === name)]).filter(([, found]) => found);
  if (walked.length === 0) return null;
  const [, first] = walked[0];
  const lines = walked.map(([one, found], place) => way(one, found, place - 1 + ways.length)).reverse();
  const [xs, ys] = first.bounds;
  return {
    data: [contours(surface), ...lines, mark("start", first.start, "circle"), mark("minimum", first.minimum, "star")],
    layout: layout({ x: "x", y: "y", more: { xaxis: { range: xs }, yaxis: { range: ys } } }),
  };
}
