// The live page: a store fed by the event stream, and the parts that show it.
import { startActions } from "./actions.js";
import { Chart } from "./charts/chart.js";
import { entropyFigure } from "./charts/entropy.js";
import { rewardsFigure } from "./charts/rewards.js";
import { EventStream } from "./event_stream.js";
import { LiveHeader } from "./live_header.js";
import { Results } from "./results.js";
import { SearchStore } from "./search_store.js";

const data = JSON.parse(document.getElementById("live-data").textContent);
const store = new SearchStore();
const header = new LiveHeader(document.querySelector("[data-live-head]"), data);
const results = new Results(document.querySelector("[data-results]"));
const ruleUrl = (index) => `${data.rules}${index}/`;
const figures = { rewards: () => rewardsFigure(store, ruleUrl), entropy: () => entropyFigure(store) };
const charts = [...document.querySelectorAll("[data-chart]")].map(
  (element) => new Chart(element, figures[element.dataset.chart]),
);

const showHeader = () => header.show(store.summary, store.distinct());

function show() {
  showHeader();
  results.show(store.leaderboardVersion);
  for (const chart of charts) chart.draw();
}

async function loadSnapshot() {
  const response = await fetch(data.snapshot, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(`snapshot: ${response.status}`);
  return response.json();
}

const scheme = window.location.protocol === "https:" ? "wss:" : "ws:";
new EventStream({
  url: `${scheme}//${window.location.host}${data.socket}`,
  loadSnapshot,
  onSnapshot(snapshot) {
    store.loadSnapshot(snapshot);
    show();
  },
  onEvents(events, summary) {
    store.apply(events, summary);
    if (events.length > 0) show();
    else showHeader();
  },
  onState: (state) => header.showConnection(state),
}).start();

startActions(document.querySelector("[data-actions]"), data.act, {
  onSummary(summary) {
    store.apply([], summary);
    showHeader();
  },
  onProblem: (sentence) => header.showProblem(sentence),
});
