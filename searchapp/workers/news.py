"""What a child in training has reached, told to the pages that watch its search: light, coalesced, never saved.

A message holds all that a page shows of the child, so lost ones do not matter, and a page that was just opened needs
only the next one. All workers together send about four messages a second.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from engine.children.process import ChildJob
from searchapp.recorder import group_name
from searchapp.results import finite
from searchapp.workers.heartbeat import Heartbeat

log = logging.getLogger(__name__)

SHORTEST = 0.5  # seconds between two messages of one worker
A_SECOND = 4  # messages of all workers together
SEND_SECONDS = 2  # longer than that, Redis counts as unreachable
MOST_POINTS = 60  # of a curve; longer ones lose every second point
LONGEST_TEXT = 200  # characters of a rule

OnEvent = Callable[[dict[str, Any]], None]
Send = Callable[[int, dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose child it is.

    Attributes:
        index: the candidate's; None: a baseline's child.
        purpose: of a trial; empty: the child of a candidate.
    """

    search_id: int
    index: int | None
    text: str
    purpose: str = ""


class Curve:
    """The child so far: accuracy after the sweep by learning rate, then by epoch."""

    def __init__(self) -> None:
        self.sweep: list[tuple[float, float]] = []  # learning rate, accuracy
        self.points: list[tuple[float, float]] = []  # epoch, accuracy
        self.last: dict[str, Any] = {}

    def add(self, event: dict[str, Any]) -> None:
        accuracy = finite(event.get("validation_accuracy"))
        if event.get("event") != "epoch" or accuracy is None:
            return
        fresh = event["stage"] != self.last.get("stage") or event["learning_rate"] != self.last.get("learning_rate")
        self.last = {**{name: event[name] for name in ("stage", "learning_rate", "epoch")}, "accuracy": accuracy}
        if event["stage"] == "sweep":
            self.sweep = [*(self.sweep if fresh else self.sweep[:-1]), (event["learning_rate"], accuracy)]
        else:
            self.points = [*([] if fresh else self.points), (event["epoch"], accuracy)]
        if len(self.points) > MOST_POINTS:
            self.points = self.points[-1::-2][::-1]


class TrainingNews:
    """Tells of one worker's children, one after another."""

    def __init__(self, worker: str, send: Send | None = None) -> None:
        self.worker, self._send, self._sent_at = worker, send or send_to_watchers, 0.0

    @contextmanager
    def of(self, subject: Subject, job: ChildJob, workers: int = 1) -> Iterator[OnEvent]:
        """While the block lasts, what the yielded function hears is told every so often. It raises nothing."""
        curve, every = Curve(), max(SHORTEST, workers / A_SECOND)
        with Heartbeat(lambda: self._tell(subject, job, curve, every), every, f"news of {self.worker}"):
            yield curve.add
        self._tell(subject, job, curve, every)

    def _tell(self, subject: Subject, job: ChildJob, curve: Curve, every: float) -> bool:
        # Children that take milliseconds end often: their end, too, is told only when it is time.
        if curve.last and time.monotonic() - self._sent_at >= 0.9 * every:
            self._sent_at = time.monotonic()
            self._send(subject.search_id, self._message(subject, job, curve))
        return True

    def _message(self, subject: Subject, job: ChildJob, curve: Curve) -> dict[str, Any]:
        protocol = job.child.protocol
        return {
            "worker": self.worker,
            "index": subject.index,
            "text": subject.text[:LONGEST_TEXT],
            "purpose": subject.purpose,
            "epochs": protocol.epochs,
            "rates": len(protocol.learning_rates),
            **curve.last,
            "sweep": list(curve.sweep),
            "curve": list(curve.points),
        }


def send_to_watchers(search_id: int, child: dict[str, Any]) -> None:
    """To every page that watches; nothing that goes wrong here may disturb a training."""
    try:
        async_to_sync(_group_send)(search_id, child)
    except Exception as error:
        log.debug("no news for search %s: %s: %s", search_id, type(error).__name__, error)


async def _group_send(search_id: int, child: dict[str, Any]) -> None:
    message = {"type": "search.training", "child": child}
    await asyncio.wait_for(get_channel_layer().group_send(group_name(search_id), message), SEND_SECONDS)
