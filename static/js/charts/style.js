// Plotly's layout from the design tokens, so that charts follow the theme.
export function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function axis(title) {
  return {
    title: { text: title, font: { size: 12, color: token("text-2") }, standoff: 8 },
    gridcolor: token("chart-grid"),
    linecolor: token("line"),
    zeroline: false,
    tickfont: { size: 11, color: token("text-2") },
    automargin: true,
  };
}

/** @param {{x: string, y: string, uirevision?: string, more?: object}} names  axis titles */
export function layout({ x, y, uirevision = "keep", more = {} }) {
  const { xaxis = {}, yaxis = {}, ...rest } = more;
  return {
    uirevision, // constant: zoom and hidden traces outlive every redraw
    autosize: true,
    margin: { l: 52, r: 14, t: 8, b: 40 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: token("font"), size: 12, color: token("text") },
    hoverlabel: {
      bgcolor: token("surface"),
      bordercolor: token("line-strong"),
      font: { family: token("font"), size: 12, color: token("text") },
    },
    legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", font: { size: 12, color: token("text-2") } },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: token("text-2"), activecolor: token("text") },
    hovermode: "closest",
    xaxis: { ...axis(x), ...xaxis },
    yaxis: { ...axis(y), ...yaxis },
    ...rest,
  };
}

export const CONFIG = {
  responsive: true,
  displaylogo: false,
  modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d", "zoomIn2d", "zoomOut2d"],
};
