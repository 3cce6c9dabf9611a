// The live page: a store fed by the event stream, and the parts that show it.
import { startActions } from "./actions.js";
import { frontFigure } from "./charts/front.js";
import { LiveChart } from "./charts/live_chart.js";
import { policyFigure } from "./charts/policy.js";
import { preferencesFigure } from "./charts/preferences.js";
import { rewardsFigure } from "./charts/rewards.js";
import { EventStream } from "./event_stream.js";
import { LiveHeader } from "./live_header.js";
import { Results } from "./results.js";
import { RulesView } from "./rules_view.js";
import { rememberScroll } from "./scroll_memory.js";
import { SearchStore } from "./search_store.js";
import { startChoices, startTabs } from "./tabs.js";
import { WorkersPanel } from "./workers_panel.js";

const data = JSON.parse(document.getElementById("live-data").textContent);
const part = (selector) => document.querySelector(selector);
const store = new SearchStore();
const header = new LiveHeader(part("[data-live-head]"), data);
const results = new Results(part("[data-results]"));
const workers = new WorkersPanel(part("[data-workers-panel]"), data);
const open = (index) => window.location.assign(`${data.rules}${index}/`);

for (const list of document.querySelectorAll("[data-tabs]")) startTabs(list);
const measures = startChoices(part('[data-choices="measures"]'), () => charts.policy.draw(true));
const kind = startChoices(part('[data-choices="kind"]'), () => charts.preferences.draw(true));
const figures = {
  rewards: (view) => rewardsFigure(store, view),
  front: (view) => frontFigure(store, view),
  policy: () => policyFigure(store, measures()),
  preferences: () => preferencesFigure(store, kind()[0]),
};
const charts = Object.fromEntries(
  Object.entries(figures).map(([name, figure]) => [name, new LiveChart(part(`[data-chart="${name}"]`), figure, open)]),
);
charts.rules = new RulesView(part("[data-rules]"), data, store, open);

const showHeader = () => header.show(store.summary, store.distinct);

function show() {
  showHeader();
  results.show(store.leaderboardVersion);
  for (const chart of Object.values(charts)) chart.draw();
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
    for (const { kind: what, payload } of events) if (what === "candidate.started") workers.began(payload.worker, payload.index);
    if (events.length > 0) show();
    else showHeader();
  },
  onOther(message) {
    if (message.type === "workers") workers.showWorkers(message.workers);
    if (message.type === "training") workers.showChildren(message.children);
  },
  onState: (state) => header.showConnection(state),
}).start();

startActions(part("[data-actions]"), data.act, {
  onSummary(summary) {
    store.apply([], summary);
    showHeader();
  },
  onProblem: (sentence) => header.showProblem(sentence),
});
rememberScroll();
