// The best reward so far of several searches over their candidates: one step line each.
import { percent } from "../format.js";
import { layout, token } from "./style.js";

const DASHES = ["solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "solid", "dash"];

const MOST_NAME = 40; // characters in the legend

/** A search's steps, and its last candidate: the line goes on to it. */
function trace({ name, proposed, steps, rules }, place) {
  const last = Math.max(proposed - 1, steps.at(-1)[0]);
  const points = [...steps, [last, steps.at(-1)[1]]];
  return {
    type: "scatter",
    mode: "lines+markers",
    name: name.length > MOST_NAME ? `${name.slice(0, MOST_NAME)}…` : name,
    x: points.map(([index]) => index),
    y: points.map(([, reward]) => reward),
    line: { shape: "hv", width: 2.5, color: token(`compare-${place + 1}`), dash: DASHES[place] },
    marker: { size: points.map((_, at) => (at < steps.length ? 7 : 0)), color: token(`compare-${place + 1}`) },
    customdata: points.map((_, at) => (at < steps.length ? { url: `${rules}${steps[at][0]}/` } : {})),
    text: points.map(([index, reward], at) =>
      at < steps.length ? `rule ${index}: ${percent(reward)}` : `to candidate ${index}: ${percent(reward)}`),
    hovertemplate: "%{text}<extra>%{fullData.name}</extra>",
  };
}

/** @param {object[]} searches  {name, proposed, steps: [[index, reward], ...], rules}, in their order */
export function compareFigure(searches) {
  const data = searches.map((search, place) => (search.steps.length ? trace(search, place) : null)).filter(Boolean);
  if (data.length === 0) return null;
  return { data, layout: layout({ x: "candidate", y: "best reward so far", more: { yaxis: { tickformat: ".0%" } } }) };
}
