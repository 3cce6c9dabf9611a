// A rule's page: its charts, its trials and copy buttons.
import { Chart } from "./charts/chart.js";
import { accuracyFigure, lossFigure, sweepFigure } from "./charts/learning_curves.js";
import { startCopyButtons } from "./copy.js";
import { Trials } from "./trials.js";

const runs = JSON.parse(document.getElementById("runs").textContent);
const figures = { accuracy: accuracyFigure, loss: lossFigure, sweep: sweepFigure };
for (const element of document.querySelectorAll("[data-chart]")) {
  new Chart(element, () => figures[element.dataset.chart](runs)).draw();
}
startCopyButtons();
new Trials(document.querySelector("[data-trials]")).start();
