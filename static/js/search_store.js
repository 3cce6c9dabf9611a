// What the live page knows of its search: a snapshot, then events in order. Charts and header read it, nobody else writes.

/** Rewards of rounds are small arrays; a candidate is {index, reward, round, status, complexity, outcome}. */
export class SearchStore {
  summary = null;
  candidates = new Map(); // index → candidate
  rounds = new Map(); // number → metrics
  baselines = new Map(); // name → {title, mean, std, n}: over fresh seeds
  confirmed = new Map(); // index → {mean, std, n}: over fresh seeds
  leaderboardVersion = 0; // grows whenever the leaderboard may have changed

  loadSnapshot(snapshot) {
    this.summary = snapshot.summary;
    this.candidates = new Map(
      snapshot.candidates.map(([index, reward, round, status, complexity, outcome]) => [
        index,
        { index, reward, round, status, complexity, outcome },
      ]),
    );
    this.rounds = new Map(snapshot.rounds.map(({ number, metrics }) => [number, metrics]));
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
      for (const { index, complexity } of payload.candidates) {
        this.#change(index, { round: payload.round, status: "queued", complexity, reward: null, outcome: "" });
      }
    } else if (kind === "candidate.started") {
      this.#change(payload.index, { status: "training" });
    } else if (kind === "candidate.finished") {
      const { index, round, status, outcome, reward, complexity } = payload;
      this.#change(index, { round, status, outcome, reward, complexity });
      this.leaderboardVersion += 1;
    } else if (kind === "trial.finished") {
      this.#applyTrial(payload);
    } else if (kind === "round.observed") {
      this.rounds.set(payload.round, payload.metrics);
    }
  }

  #applyTrial({ purpose, index, name, title, mean, std, n }) {
    if (mean === null || mean === undefined) return;
    if (purpose === "baseline") this.baselines.set(name, { name, title, mean, std, n });
    if (purpose === "confirmation") this.confirmed.set(index, { mean, std, n });
    this.leaderboardVersion += 1;
  }

  #change(index, values) {
    this.candidates.set(index, { index, ...this.candidates.get(index), ...values });
  }

  /** Candidates with a reward, by index. */
  rewarded() {
    return [...this.candidates.values()].filter(({ reward }) => reward !== null && reward !== undefined)
      .sort((a, b) => a.index - b.index);
  }

  /** How many different rules were done, those that were screened out included: duplicates stand with their first one. */
  distinct() {
    let count = 0;
    for (const { outcome } of this.candidates.values()) count += outcome !== "" && outcome !== null && outcome !== "duplicate";
    return count;
  }

  /** Rounds with metrics, by number. */
  observedRounds() {
    return [...this.rounds].filter(([, metrics]) => metrics && Object.keys(metrics).length > 0)
      .sort(([a], [b]) => a - b);
  }
}
