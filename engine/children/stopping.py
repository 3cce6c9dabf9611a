"""Asks now and then whether training should stop, without asking at every step."""

from __future__ import annotations

import time
from collections.abc import Callable

from engine.errors import ChildStopped

POLL_SECONDS = 0.25


class StopCheck:
    def __init__(self, should_stop: Callable[[], bool] | None) -> None:
        self._should_stop = should_stop
        self._next = time.monotonic()

    def __call__(self) -> None:
        """Raises ChildStopped when the caller wants the child to end."""
        if self._should_stop is None or time.monotonic() < self._next:
            return
        if self._should_stop():
            raise ChildStopped("Training was stopped.")
        self._next = time.monotonic() + POLL_SECONDS
