// What the live page knows of its search: a snapshot, then events in order. Charts and header read it, nobody else writes.
// An event costs the same however many candidates there are.
import { Columns } from "./columns.js";

export class SearchStore {
  summary = null;
  tokens = {}; // kind of slot → its tokens
  kinds = []; // of the slots
  candidates = new Columns(0);
  rounds = []; // observed ones, in order: {number, metrics}
  baselines = new Map(); // name → {title, mean, std, n}: over fresh seeds
  confirmed = new Map(); // index → {mean, std, n}: over fresh seeds
  distinct = 0; // different rules done, those that were screened out included: duplicates stand with their first one
  rules = 0; // different ones with a reward
  leaderboardVersion = 0; // grows whenever the leaderboard may have changed
  #places = []; // of each slot: token → place

  loadSnapshot(snapshot) {
    this.summary = snapshot.summary;
    this.tokens = snapshot.tokens;
    this.kinds = snapshot.kinds;
    this.#places = this.kinds.map((kind) => new Map(this.tokens[kind].map((token, place) => [token, place])));
    this.candidates = new Columns(this.kinds.length);
    this.distinct = this.rules = 0;
    for (const [index, reward, round, , complexity, outcome, rate, tokens] of snapshot.candidates) {
      this.#put(index, { reward, round, complexity, outcome, rate, tokens });
    }
    this.rounds = [];
    for (const { number, metrics } of snapshot.rounds) this.#observe(number, metrics);
    this.baselines = new Map(snapshot.baselines.map((line) => [line.name, line]));
    this.confirmed = new Map(snapshot.confirmed.map(([index, mean, std, n]) => [index, { mean, std, n }]));
    this.leaderboardVersion += 1;
  }

  apply(events, summary) {
    for (const event of events) this.#applyOne(event);
    if (summary) this.summary = summary;
  }

  #applyOne({ kind, payload }) {
    if (kind === "round.proposed") {
      for (const { index, complexity, tokens } of payload.candidates) {
        const places = tokens?.map((token, slot) => this.#places[slot]?.get(token) ?? -1);
        this.#put(index, { round: payload.round, complexity, reward: null, outcome: "", tokens: places });
      }
    } else if (kind === "candidate.finished") {
      const { index, round, outcome, reward, complexity, learning_rate: rate } = payload;
      this.#put(index, { round, outcome, reward, complexity, rate });
      this.leaderboardVersion += 1;
    } else if (kind === "trial.finished") {
      this.#applyTrial(payload);
    } else if (kind === "round.observed") {
      this.#observe(payload.round, payload.metrics);
    }
  }

  #applyTrial({ purpose, index, name, title, mean, std, n }) {
    if (mean === null || mean === undefined) return;
    if (purpose === "baseline") this.baselines.set(name, { name, title, mean, std, n });
    if (purpose === "confirmation") this.confirmed.set(index, { mean, std, n });
    this.leaderboardVersion += 1;
  }

  #put(index, values) {
    this.candidates.reach(index);
    this.#count(index, -1);
    this.candidates.put(index, values);
    this.#count(index, 1);
  }

  #count(index, by) {
    const outcome = this.candidates.outcomeOf(index);
    if (!["", "duplicate"].includes(outcome)) this.distinct += by;
    if (outcome !== "duplicate" && !Number.isNaN(this.candidates.reward[index])) this.rules += by;
  }

  /** Rounds come in their order; one that is observed again takes its own place. */
  #observe(number, metrics) {
    if (!metrics || Object.keys(metrics).length === 0) return;
    const last = this.rounds.length - 1;
    if (last < 0 || this.rounds[last].number < number) {
      this.rounds.push({ number, metrics });
      return;
    }
    const place = this.rounds.findIndex((round) => round.number >= number);
    this.rounds.splice(place, this.rounds[place].number === number ? 1 : 0, { number, metrics });
  }
}
