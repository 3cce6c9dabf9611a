// Candidates in columns of numbers: a hundred thousand of them cost a few megabytes and a loop a millisecond.
export const OUTCOMES = ["", "trained", "duplicate", "screened", "dropped", "diverged"];
const FIRST_ROOM = 1024;
const CODE = new Map(OUTCOMES.map((name, code) => [name, code]));

export class Columns {
  size = 0; // candidates are numbered from 0 without gaps
  #room = 0;

  /** @param {number} slots  tokens of a rule */
  constructor(slots) {
    this.slots = slots;
    this.#grow(FIRST_ROOM);
  }

  /** Makes sure that the candidate `index` has its place. */
  reach(index) {
    if (index >= this.#room) this.#grow(Math.max(2 * this.#room, index + 1));
    this.size = Math.max(this.size, index + 1);
  }

  /** Writes what is given of a candidate. A reward of null is none. */
  put(index, { reward, round, complexity, outcome, rate, tokens }) {
    this.reach(index);
    if (reward !== undefined) this.reward[index] = reward ?? NaN;
    if (round !== undefined) this.round[index] = round;
    if (complexity !== undefined) this.complexity[index] = complexity;
    if (outcome !== undefined) this.outcome[index] = CODE.get(outcome) ?? 0;
    if (rate !== undefined) this.rate[index] = rate ?? NaN;
    if (tokens) this.tokens.set(tokens.slice(0, this.slots), index * this.slots);
  }

  outcomeOf(index) {
    return OUTCOMES[this.outcome[index]];
  }

  #grow(room) {
    const grown = (name, Kind, fill, each = 1) => {
      const fresh = new Kind(room * each).fill(fill);
      if (this[name]) fresh.set(this[name]);
      this[name] = fresh;
    };
    grown("reward", Float64Array, NaN);
    grown("rate", Float64Array, NaN); // learning rate
    grown("round", Int32Array, 0);
    grown("complexity", Int32Array, 0);
    grown("outcome", Uint8Array, 0);
    grown("tokens", Int16Array, -1, this.slots); // a row of places in the tokens' table for each candidate
    this.index = Int32Array.from({ length: room }, (_, index) => index);
    this.#room = room;
  }
}
