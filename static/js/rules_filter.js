// Which rules a person wants to see: ranges along the axes of the parallel coordinates, and a primitive that a rule must
// use. All of it stands in the address: axes=s0,c,r and keep=r:0.9~1,s2:2.5~3.5.
import { OUTCOMES } from "./columns.js";
import { read, readList, write } from "./url_state.js";

const DUPLICATE = OUTCOMES.indexOf("duplicate");
const NO_RATE = -8; // log10 λ of a rule without one: below every rate that is tried
const PER_GROUP = ["op 1", "op 2", "u 1", "u 2", "b"]; // b(u1(op1), u2(op2))

/** What rules are told apart by: tokens by slot, complexity, learning rate, reward. */
export function axesOf({ kinds, tokens, candidates }) {
  const { slots, tokens: places, complexity, rate, reward } = candidates;
  const slotAxes = kinds.map((kind, slot) => ({
    key: `s${slot}`,
    label: `#${1 + Math.floor(slot / 5)} ${PER_GROUP[slot % 5]}`,
    value: (place) => places[place * slots + slot],
    names: tokens[kind],
  }));
  return [
    ...slotAxes,
    { key: "c", label: "complexity", value: (place) => complexity[place] },
    { key: "l", label: "learning rate λ", value: (place) => (rate[place] > 0 ? Math.log10(rate[place]) : NO_RATE), isLog: true },
    { key: "r", label: "reward", value: (place) => reward[place], format: ".0%" },
  ];
}

export class RulesFilter {
  ranges = new Map(); // axis key → [[low, high], …]
  uses = read("uses"); // a token

  constructor() {
    for (const part of readList("keep")) {
      const [key, ...ends] = part.split(/[:~]/);
      const pairs = ends.map(Number);
      if (pairs.length % 2 || pairs.some(Number.isNaN)) continue;
      this.ranges.set(key, Array.from({ length: pairs.length / 2 }, (_, k) => [pairs[2 * k], pairs[2 * k + 1]]));
    }
  }

  get isActive() {
    return this.ranges.size > 0 || Boolean(this.uses);
  }

  /** @param {number[][]} ranges  empty: everything */
  set(key, ranges) {
    if (ranges.length) this.ranges.set(key, ranges);
    else this.ranges.delete(key);
    const text = [...this.ranges].map(([name, pairs]) => `${name}:${pairs.flat().map((end) => Number(end.toPrecision(5))).join("~")}`);
    write("keep", text.join(","));
  }

  setUses(token) {
    this.uses = token || null;
    write("uses", this.uses);
  }

  clear() {
    for (const key of [...this.ranges.keys()]) this.set(key, []);
    this.setUses(null);
  }

  /** Places of the rules with a reward that fit. Duplicates are rules that stand there already. */
  matched(store) {
    const { size, reward, outcome } = store.candidates;
    const tests = axesOf(store).filter(({ key }) => this.ranges.has(key)).map(({ key, value }) => [value, this.ranges.get(key)]);
    const fits = ([value, ranges], place) => ranges.some(([low, high]) => value(place) >= low && value(place) <= high);
    const uses = this.#usesTest(store);
    const places = [];
    for (let place = 0; place < size; place += 1) {
      if (reward[place] !== reward[place] || outcome[place] === DUPLICATE || !uses(place)) continue;
      if (tests.every((test) => fits(test, place))) places.push(place);
    }
    return places;
  }

  #usesTest({ kinds, tokens, candidates }) {
    if (!this.uses) return () => true;
    const wanted = kinds.map((kind) => tokens[kind].indexOf(this.uses)); // a place in each slot; −1: not offered there
    const { slots, tokens: rows } = candidates;
    return (place) => wanted.some((token, slot) => token >= 0 && rows[place * slots + slot] === token);
  }
}

/** The axes that are shown, in their order: the address says, else the last group's tokens and the numbers. */
export function shownAxes(axes, groups) {
  const wanted = readList("axes");
  const known = new Map(axes.map((axis) => [axis.key, axis]));
  const named = wanted.filter((key) => known.has(key)).map((key) => known.get(key));
  if (named.length) return named;
  return groups <= 2 ? axes : axes.filter((_, place) => place >= 5 * (groups - 1));
}
