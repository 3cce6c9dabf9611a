"""A thread that does something every few seconds until it is told to end."""

import logging
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from django.db import close_old_connections, connection

log = logging.getLogger(__name__)


class Heartbeat:
    """Calls `beat` every `seconds` in a thread with a database connection of its own, while the `with` block lasts.

    It ends early when `beat` answers False. While the database cannot be reached it goes on trying.
    """

    def __init__(self, beat: Callable[[], bool], seconds: float, name: str) -> None:
        self._beat, self._seconds = beat, seconds
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.has_stopped = False  # `beat` answered False

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self.has_stopped and not self._end.wait(self._seconds):
                self._try_beat()
        finally:
            connection.close()

    def _try_beat(self) -> None:
        try:
            close_old_connections()
            self.has_stopped = not self._beat()
        except Exception as error:  # whatever is away may come back: a heartbeat that ended would cost the lease
            log.warning(
                "%s: nothing could be written this time: %s: %s", self._thread.name, type(error).__name__, error
            )
