"""A crew of trainer processes, one a thread, that trains jobs side by side."""

from __future__ import annotations

import queue
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from engine.children.messages import ChildJob
from engine.children.process import Trainer
from engine.children.results import ChildResult
from engine.errors import ChildStopped, TrainerDied

ATTEMPTS = 3


class Crew:
    """Trains jobs in the order in which they come, as many at once as there are trainers."""

    def __init__(self, size: int, make: Callable[[], Trainer]) -> None:
        self._stopping = False
        self._trainers = [make() for _ in range(size)]
        self._free: queue.SimpleQueue[Trainer] = queue.SimpleQueue()
        for trainer in self._trainers:
            self._free.put(trainer)
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="trainer")

    def submit(self, job: ChildJob) -> Future[ChildResult]:
        return self._threads.submit(self._train, job)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends every trainer, also in mid-child; jobs that wait are never begun."""
        self._stopping = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        for trainer in self._trainers:
            trainer.close()
        self._threads.shutdown(wait=True)

    def _train(self, job: ChildJob) -> ChildResult:
        trainer = self._free.get()
        try:
            return self._attempts(trainer, job)
        finally:
            self._free.put(trainer)

    def _attempts(self, trainer: Trainer, job: ChildJob) -> ChildResult:
        """A process that dies says nothing about the rule, so the child is trained again, up to three times."""
        for attempt in range(1, ATTEMPTS + 1):
            if self._stopping:
                raise ChildStopped("The search is ending.")
            try:
                return trainer.train(job, None, lambda: self._stopping)
            except TrainerDied:
                if attempt == ATTEMPTS:
                    raise
        raise AssertionError("unreachable: the last attempt returns or raises")
