// The events of one search, in order and without gaps: the socket is only a hint, `seq` is the truth.
//
// connect → ask for what is newer than the last seq we have (the socket is subscribed by then) → read the snapshot →
// drop what is not newer → hand on. A gap in seq means: ask again. States: live, reconnecting, stale, and
// signedOut or gone, which are final.

const FIRST_WAIT = 500; // ms before the first new try; doubles up to LONGEST_WAIT
const LONGEST_WAIT = 20_000;
const STALE_AFTER = 15_000; // ms without a connection until the page is called stale
const FINAL = { 4401: "signedOut", 4404: "gone" }; // closing codes after which trying again is no use
const SLEPT = 12_000; // ms between two ticks of a clock of 4 s: the tab was asleep
const SILENCE = 10_000; // ms without a message until the server is asked for one; twice that, and the socket is given up

export class EventStream {
  #socket = null;
  #seq = -1; // -1: no snapshot yet
  #held = []; // events that came before the snapshot
  #wait = FIRST_WAIT;
  #timer = 0;
  #staleTimer = 0;
  #closed = false;
  #tick = Date.now();
  #heard = Date.now();

  /**
   * @param {{url: string, loadSnapshot: () => Promise<{last_seq: number}>, onSnapshot: Function, onEvents: Function,
   *   onOther: Function, onState: (state: string) => void}} options  onEvents(events, summary): events are new and in order
   */
  constructor(options) {
    this.options = options;
  }

  start() {
    this.#connect();
    setInterval(() => this.#check(), 4000);
    // A browser without a network keeps its open sockets, silent, and reports their end only afterwards.
    window.addEventListener("offline", () => this.#giveUp());
    document.addEventListener("visibilitychange", () => document.hidden || this.#wake());
    window.addEventListener("online", () => this.#wake());
    window.addEventListener("pagehide", () => this.#socket?.close());
    window.addEventListener("pageshow", (event) => event.persisted && this.#wake());
  }

  #connect() {
    clearTimeout(this.#timer);
    const socket = new WebSocket(this.options.url);
    this.#socket = socket;
    socket.onopen = () => this.#opened();
    socket.onmessage = (message) => {
      this.#heard = Date.now();
      this.#received(JSON.parse(message.data));
    };
    socket.onclose = (event) => socket === this.#socket && this.#lost(event.code);
  }

  async #opened() {
    const socket = this.#socket; // subscribed by now: what happens during the snapshot comes with the replay
    this.#heard = Date.now();
    if (this.#seq < 0) await this.#readSnapshot(socket);
    if (socket !== this.#socket || this.#seq < 0) return;
    this.#ask();
    this.#wait = FIRST_WAIT;
    clearTimeout(this.#staleTimer);
    this.#staleTimer = 0;
    this.options.onState("live");
  }

  async #readSnapshot(socket) {
    this.#seq = -1; // what comes meanwhile is held
    try {
      const snapshot = await this.options.loadSnapshot();
      this.options.onSnapshot(snapshot);
      this.#seq = snapshot.last_seq;
    } catch {
      return void socket?.close(); // the next connection tries it again
    }
    const held = this.#held;
    this.#held = [];
    for (const message of held) this.#received(message);
  }

  #received(message) {
    if (message.type === "pruned") return void this.#readSnapshot(this.#socket); // events that we miss were removed
    if (message.type !== "events") return void this.options.onOther?.(message);
    if (this.#seq < 0) {
      this.#held.push(message);
      return;
    }
    const fresh = message.events.filter((event) => event.seq > this.#seq).sort((a, b) => a.seq - b.seq);
    const inOrder = fresh.filter((event, offset) => event.seq === this.#seq + 1 + offset);
    this.#seq += inOrder.length;
    this.options.onEvents(inOrder, message.summary);
    if (inOrder.length < fresh.length) this.#ask(); // a gap
  }

  #ask() {
    if (this.#socket?.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify({ type: "replay", after: this.#seq }));
    }
  }

  #lost(code) {
    this.#socket = null;
    if (this.#closed) return;
    if (code in FINAL) {
      this.#closed = true;
      this.options.onState(FINAL[code]);
      return;
    }
    this.options.onState(this.#staleTimer === -1 ? "stale" : "reconnecting");
    this.#staleTimer ||= setTimeout(() => this.#becomeStale(), STALE_AFTER);
    this.#timer = setTimeout(() => this.#connect(), this.#wait * (0.5 + Math.random()));
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
  }

  #becomeStale() {
    this.#staleTimer = -1;
    this.options.onState("stale");
  }

  #check() {
    const now = Date.now();
    if (now - this.#tick > SLEPT) this.#wake();
    else if (now - this.#heard > 2 * SILENCE) this.#giveUp();
    else if (now - this.#heard > SILENCE) this.#ask(); // the server always answers
    this.#tick = now;
  }

  /** A socket that was open and can no longer be believed. */
  #giveUp() {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN) return;
    this.#socket = null;
    socket.close();
    this.#lost();
  }

  /** Catches up at once: asks again on an open socket, does not wait for the next try on a lost one. */
  #wake() {
    if (this.#closed) return;
    if (this.#socket === null) {
      this.#wait = FIRST_WAIT;
      this.#connect();
    } else if (this.#seq >= 0) {
      this.#ask();
    }
  }
}
