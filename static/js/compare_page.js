// Searches side by side: the chart.
import { Chart } from "./charts/chart.js";
import { compareFigure } from "./charts/compare.js";

const searches = JSON.parse(document.getElementById("compare-data").textContent);
new Chart(document.querySelector("[data-chart]"), () => compareFigure(searches)).draw();
