// What a person set on this page stands in its address, so that a reload, a bookmark or a link shows the same: zoom,
// hidden traces, tabs, filters, sorting. The entry in the history is replaced, never added to.
const WAIT = 150; // ms: browsers refuse addresses that change too often
const PLAIN = { "%2C": ",", "%3A": ":", "%7E": "~", "%2F": "/", "%21": "!" }; // readable where they mean nothing else

const changes = new Map(); // key → text or null, not yet in the address
let timer = 0;

function flush() {
  clearTimeout(timer);
  timer = 0;
  if (changes.size === 0) return;
  const query = new URLSearchParams(window.location.search);
  for (const [key, value] of changes) value === null ? query.delete(key) : query.set(key, value);
  changes.clear();
  const text = query.toString().replace(/%(2C|3A|7E|2F|21)/g, (code) => PLAIN[code]);
  window.history.replaceState(window.history.state, "", window.location.pathname + (text && `?${text}`) + window.location.hash);
}

/** @returns {string|null} */
export function read(key) {
  return changes.has(key) ? changes.get(key) : new URLSearchParams(window.location.search).get(key);
}

/** @param {string|null} value  null or "": as it is without anybody's doing, and nothing stands in the address */
export function write(key, value) {
  changes.set(key, value || null);
  timer ||= setTimeout(flush, WAIT);
}

/** Numbers between commas; null when it is missing or not `count` of them. */
export function readNumbers(key, count) {
  const numbers = (read(key) ?? "").split(",").map((text) => (text === "" ? NaN : Number(text)));
  return numbers.length === count && numbers.every(Number.isFinite) ? numbers : null;
}

/** Four digits say a place on a chart well enough. */
export function writeNumbers(key, numbers) {
  write(key, numbers && numbers.map((number) => String(Number(number.toPrecision(5)))).join(","));
}

export function readList(key) {
  return (read(key) ?? "").split(",").filter(Boolean);
}

/** The address as it is to be, for requests that go with it. */
export function query() {
  flush();
  return window.location.search;
}

window.addEventListener("pagehide", flush);
