"""A trainer's side of the pipe: jobs come in, answers go out, and the process ends with its owner."""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any, TextIO

from engine.children.messages import ChildJob, read_job, read_line, to_line
from engine.errors import ChildError

WATCH_SECONDS = 0.5


class OwnerLink:
    """Reads jobs and stops in a thread of its own, so that a stop arrives while a child trains.

    The process ends at once when its input closes or its parent process is another one: the owner is gone then.
    (Linux' death signal would not do: it comes when the *thread* that started the process ends.)
    """

    def __init__(self, parent: int | None) -> None:
        self._input, self._output = _take_standard_streams()
        self._sending = threading.Lock()
        self._jobs: queue.SimpleQueue[ChildJob] = queue.SimpleQueue()
        self._stopped: set[str] = set()
        threading.Thread(target=self._read, name="owner", daemon=True).start()
        if parent is not None:
            threading.Thread(target=_end_without, args=(parent,), name="parent-watch", daemon=True).start()

    def jobs(self) -> Iterator[ChildJob]:
        """The jobs in the order they came; never ends."""
        while True:
            yield self._jobs.get()

    def is_stopped(self, key: str) -> bool:
        return key in self._stopped

    def send(self, key: str | None, **answer: Any) -> None:
        try:
            with self._sending:
                self._output.write(to_line({"key": key, **answer}))
                self._output.flush()
        except OSError:  # Nobody reads any more.
            os._exit(1)

    def _read(self) -> None:
        for line in self._input:
            try:
                self._take(read_line(line))
            except ChildError as error:
                self.send(None, error=str(error))
        os._exit(0)

    def _take(self, message: dict[str, Any]) -> None:
        if "stop" in message:
            self._stopped.add(str(message["stop"]))
        elif "train" in message:
            job = read_job(message["train"])
            self._stopped.discard(job.key)
            self._jobs.put(job)
        else:
            raise ChildError("A trainer understands only “train” and “stop”.")


def _take_standard_streams() -> tuple[TextIO, TextIO]:
    """Keeps the real input and output to ourselves: what a library prints goes to the error stream instead."""
    sys.stdout.flush()
    taken_in, taken_out = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return os.fdopen(taken_in, encoding="utf-8", errors="replace"), os.fdopen(taken_out, "w", encoding="utf-8")


def _end_without(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(WATCH_SECONDS)
    os._exit(1)
