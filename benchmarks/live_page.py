"""How the live page holds up: frames per second, long tasks and memory while results stream into a large search.

A running application serves the page of one of its searches; snapshot and socket are synthetic. Start it, then
    python -m benchmarks.live_page --address http://127.0.0.1:8000 --user admin --password-file var/admin_password
The feed is what the server sends: four messages a second, each with what happened since the last one.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Route, WebSocketRoute, sync_playwright

from tests import system

MESSAGES = 4  # a second
ROUND = 5  # candidates
TOKENS = {
    "operand": ["g", "g^2", "g^3", "m", "v", "y", "sign(g)", "sign(m)", "1", "2", "eps", "w(1e-4)", "adam", "#1"],
    "unary": ["x", "-x", "exp", "log", "clip(1e-5)", "clip(1e-3)", "drop(0.1)", "drop(0.3)", "sign", "sqrt"],
    "binary": ["+", "-", "*", "/", "^", "left"],
}
KINDS = ["operand", "operand", "unary", "unary", "binary"] * 2
# Intervals between animation frames and tasks longer than 50 ms, from now on.
WATCH = """() => {
  window.frames = []; window.tasks = [];
  const mine = frames;
  let last = performance.now();
  const tick = (now) => {
    mine.push(now - last);
    last = now;
    if (mine === window.frames) requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
  new PerformanceObserver((list) => list.getEntries().forEach(({duration}) => tasks.push(duration)))
    .observe({type: "longtask"});
}"""
READ = "() => ({frames, tasks, heap: performance.memory.usedJSHeapSize})"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--enable-precise-memory-info", "--no-first-run"]


Event = tuple[str, dict[str, Any]]


class Feed:
    """A search that began before the page was opened and goes on."""

    def __init__(self, candidates: int) -> None:
        self.random, self.done, self.seq, rounds = random.Random(0), candidates, 1, candidates // ROUND
        every = max(1, rounds // 240)  # as the server thins preferences
        self.snapshot = {
            "tokens": TOKENS,
            "kinds": KINDS,
            "candidates": [self._row(index) for index in range(candidates)],
            "rounds": [{"number": k, "metrics": self._metrics(k, k % every == 0)} for k in range(rounds)],
            "baselines": [],
            "confirmed": [[7, 0.9, 0.01, 3]],
            "last_seq": self.seq,
        }

    def _row(self, index: int) -> list[Any]:
        """As a candidate stands in a snapshot."""
        reward = min(0.99, max(0.0, self.random.gauss(0.4 + 0.4 * min(1, index / 60_000), 0.2)))
        complexity, rate = self.random.randint(1, 25), 10.0 ** -self.random.randint(0, 5)
        tokens = [self.random.randrange(len(TOKENS[kind])) for kind in KINDS]
        outcome = "trained" if reward > 0 else "diverged"
        return [index, reward, index // ROUND, "finished", complexity, outcome, rate, tokens]

    def _metrics(self, number: int, with_preferences: bool = True) -> dict[str, Any]:
        shares = {kind: [round(1 / len(tokens), 3)] * len(tokens) for kind, tokens in TOKENS.items()}
        metrics = {"entropy": 20 / (1 + number / 4000), "kl": self.random.random() / 50, "loss": 0.1}
        return {**metrics, "preferences": shares} if with_preferences else metrics

    def events(self, count: int) -> list[dict[str, Any]]:
        """What is sent when `count` more children are done."""
        found = [event for _ in range(count) for event in self._candidate()]
        first = self.seq + 1
        self.seq += len(found)
        return [{"seq": seq, "kind": kind, "payload": payload} for seq, (kind, payload) in enumerate(found, first)]

    def _candidate(self) -> list[Event]:
        names = ("index", "reward", "round", "status", "complexity", "outcome", "learning_rate")
        index, number = self.done, self.done // ROUND
        *row, _ = self._row(index)
        self.done += 1
        found: list[Event] = [("candidate.finished", dict(zip(names, row, strict=True)))]
        if index % ROUND == 0:
            tokens = [self.random.choice(TOKENS[kind]) for kind in KINDS]
            candidates = [{"index": index + k, "tokens": tokens, "complexity": 5} for k in range(ROUND)]
            found.insert(0, ("round.proposed", {"round": number, "candidates": candidates}))
        if index % ROUND == ROUND - 1:
            found.append(("round.observed", {"round": number, "metrics": self._metrics(number)}))
        return found


def sign_in(page: Page, arguments: argparse.Namespace) -> dict[str, Any]:
    """Returns the summary of the newest search, whose page is the one that is measured."""
    page.goto(f"{arguments.address}/accounts/login/")
    page.get_by_label("Username").fill(arguments.user)
    page.get_by_label("Password").fill(arguments.password_file.read_text().strip())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/searches/**")
    found: dict[str, Any] = page.request.get(f"{arguments.address}/api/searches/").json()[0]
    return found


def open_page(page: Page, feed: Feed, address: str, summary: dict[str, Any]) -> list[WebSocketRoute]:
    """Open the page of that search with the synthetic snapshot and socket; prints how long the first chart took."""
    body = json.dumps({**feed.snapshot, "summary": summary})
    sockets: list[WebSocketRoute] = []

    def accept(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        socket.on_message(lambda _: None)

    page.route("**/snapshot", lambda route: fulfil(route, body))
    page.route_web_socket("**/ws/**", accept)
    began = time.monotonic()
    page.goto(f"{address}/searches/{summary['id']}/")
    page.wait_for_function("() => document.querySelector('[data-chart=rewards]').data?.length > 0", timeout=120_000)
    size, seconds, load = len(body) / 2**20, time.monotonic() - began, os.getloadavg()[0]
    print(f"{feed.done} candidates, {size:.1f} MiB: first chart after {seconds:.1f} s; load {load:.1f}")
    return sockets


def fulfil(route: Route, body: str) -> None:
    route.fulfill(status=200, content_type="application/json", body=body)


def stream(
    page: Page, feed: Feed, summary: dict[str, Any], socket: WebSocketRoute, rate: float, seconds: float
) -> None:
    """Send `rate` results a second, as the server would, for some seconds."""
    end, owed = time.monotonic() + seconds, 0.0
    while time.monotonic() < end:
        page.wait_for_timeout(1000 / MESSAGES)
        owed += rate / MESSAGES
        events = feed.events(int(owed))
        owed -= int(owed)
        message = {"type": "events", "events": events, "last_seq": feed.seq, "summary": {**summary, "done": feed.done}}
        socket.send(json.dumps(message))


def report(name: str, found: dict[str, Any]) -> None:
    frames = sorted(found["frames"][1:])
    line = {
        "frames_a_second": 1000 * len(frames) / sum(frames),
        "median_ms": statistics.median(frames),
        "p99_ms": frames[int(0.99 * len(frames))],
        "longest_ms": frames[-1],
        "late_share": sum(frame > 25 for frame in frames) / len(frames),
        "long_tasks": len(found["tasks"]),
        "heap_mib": found["heap"] / 2**20,
    }
    print(f"{name:44s}" + "  ".join(f"{key} {value:.3g}" for key, value in line.items()), flush=True)


def main(arguments: argparse.Namespace) -> None:
    feed = Feed(arguments.candidates)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=system.chromium(), args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        summary = {**sign_in(page, arguments), "status": "running", "budget": 2 * feed.done, "done": feed.done}
        sockets = open_page(page, feed, arguments.address, summary)
        for name, part in (("charts", "[data-chart=rewards]"), ("parallel coordinates", "[data-chart=rules]")):
            page.locator(part).scroll_into_view_if_needed()
            page.wait_for_timeout(3000)
            for rate in (0.0, arguments.rate):
                page.evaluate(WATCH)
                stream(page, feed, summary, sockets[-1], rate, arguments.seconds)
                report(f"{name}, {rate:g} results a second", page.evaluate(READ))
        browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", default="http://127.0.0.1:8000")
    parser.add_argument("--user", default="admin")
    parser.add_argument("--password-file", type=Path, default=Path("var/admin_password"))
    parser.add_argument("--candidates", type=int, default=100_000)
    parser.add_argument("--rate", type=float, default=50.0, help="results a second")
    parser.add_argument("--seconds", type=float, default=15.0)
    main(parser.parse_args())
