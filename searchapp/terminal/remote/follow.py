"""Following a search by its events: each is printed once and in order, also over restarts of the server."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console

from searchapp.terminal.remote.client import Remote, Unreachable

OVER = {"finished", "stopped", "failed"}
SHORTEST, LONGEST = 0.5, 5.0  # seconds between two questions: short while much happens
FIRST_RETRY, LONGEST_RETRY = 1.0, 30.0  # seconds, while the server is away
ALL_AT_ONCE = 1000  # events in one answer


@dataclass(slots=True)
class Follower:
    """Asks for the events after the last one that it has.

    Attributes:
        search_only: whether the end of the budget is the end, or that of the trials with fresh seeds.
        patience: seconds that the server may be away.
        tell: what a person should know of the way to the server.
    """

    remote: Remote
    search_id: int
    search_only: bool
    patience: float
    tell: Callable[[str], None]
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    seq: int = 0
    summary: dict[str, Any] = field(default_factory=dict)

    def events(self) -> Iterator[dict[str, Any]]:
        """Every event until the search is over. Raises RemoteError, Unreachable once the patience is at its end."""
        wait = SHORTEST
        while True:
            answer = self._ask()
            self.summary = answer["summary"]
            for event in answer["events"]:
                self.seq = event["seq"]
                yield event
            if answer["events"] and self.seq < answer["last_seq"]:
                continue
            if self._is_over():
                return
            wait = SHORTEST if answer["events"] else min(LONGEST, 1.5 * wait)
            self.sleep(wait)

    def _is_over(self) -> bool:
        is_over = self.summary["status"] in OVER
        return is_over and (self.search_only or not self.summary["trials_waiting"])

    def _ask(self) -> Any:
        """The next events; patient while the server is away."""
        since, wait = self.clock(), FIRST_RETRY
        while True:
            try:
                answer = self.remote.get(f"searches/{self.search_id}/events", after=self.seq, limit=ALL_AT_ONCE)
            except Unreachable as error:
                if self.clock() - since + wait > self.patience:
                    raise
                if wait == FIRST_RETRY:
                    self.tell(f"{error} Trying again for {self.patience:g} s.")
                self.sleep(wait)
                wait = min(LONGEST_RETRY, 2 * wait)
            else:
                if wait > FIRST_RETRY:
                    self.tell("The server answers again.")
                return answer


def follow(follower: Follower, console: Console, as_json: bool) -> dict[str, Any]:
    """Print the events; the summary at the end."""
    for event in follower.events():
        if as_json:
            print(json.dumps(event, ensure_ascii=False), flush=True)
        elif line := line_of(event):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
    return follower.summary


def line_of(event: dict[str, Any]) -> str:
    """What a person should see of an event; empty for most of them."""
    kind, told = event["kind"], event["payload"]
    if kind == "search.status":
        reason = f": {told['reason']}" if told.get("reason") else ""
        return f"search          {told['status']}{reason}"
    if kind == "candidate.finished" and told.get("best"):
        return f"candidate {told['index']:>4}  {told['reward']:.4f}  {told.get('text', '')}".rstrip()
    if kind == "trial.finished" and told.get("mean") is not None:
        std = "" if told.get("std") is None else f" ± {told['std']:.4f}"
        who = told.get("title") or f"rule {told.get('index')}"
        return f"fresh seeds     {told['mean']:.4f}{std} ({told['n']})  {who}"
    return ""
