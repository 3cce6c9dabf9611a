"""TrainerProcess: trains children in a process of their own, from one that never imports torch."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Protocol, Self

from engine.children.messages import ChildJob
from engine.children.results import ChildResult
from engine.children.stopping import StopCheck
from engine.children.trainer_link import TrainerLink
from engine.errors import ChildError, ChildStopped, MachineError

__all__ = ["ChildJob", "Trainer", "TrainerProcess"]

STOP_SECONDS = 5.0  # A trainer that does not answer a stop by then is killed.
READ_SECONDS = 0.1


class Trainer(Protocol):
    """What whoever has children trained needs of a trainer; TrainerProcess is one."""

    def train(
        self,
        job: ChildJob,
        on_event: Callable[[dict[str, Any]], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> ChildResult: ...

    def close(self) -> None: ...


class TrainerProcess:
    """A trainer that stays warm between children, is started when needed, and started again after it died.

    It trains one child at a time; calls from several threads wait for each other. It dies with this process.

    Args:
        device: `auto`, `cpu`, `cuda`, …
        threads: how many threads torch computes with.
    """

    def __init__(self, device: str = "auto", threads: int = 1) -> None:
        self.device, self.threads = device, threads
        self._link: TrainerLink | None = None
        self._turn = threading.Lock()

    @property
    def pid(self) -> int | None:
        """The trainer's process id while it runs."""
        link = self._link  # Another thread may close it now.
        return link.pid if link is not None and link.is_alive else None

    def train(
        self,
        job: ChildJob,
        on_event: Callable[[dict[str, Any]], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> ChildResult:
        """Trains one child, as ``engine.children.training.train_child`` does.

        Args:
            on_event: gets one dict after each epoch, as ``train_child`` says.
            should_stop: asked about four times a second.

        Raises:
            ChildStopped: ``should_stop`` said so before the child was finished.
            TrainerDied: the process ended in mid-child; the next call starts a new one.
            ChildError: the child cannot be trained; the message says why.
            MachineError: nor can any other of its kind on this machine.
        """
        with self._turn:
            link = self._running_link()
            try:
                link.send(train=job.to_dict())
                return self._result(link, job.key, on_event, StopCheck(should_stop))
            except (ChildError, ChildStopped):
                raise  # The trainer has answered and waits for the next job.
            except BaseException:
                self._end()  # It died, or its answer would still come: an error in on_event, Ctrl-C.
                raise

    def close(self) -> None:
        """Ends the process, also in mid-child; then ``train`` in another thread raises TrainerDied."""
        self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _running_link(self) -> TrainerLink:
        link = self._link
        if link is None or not link.is_alive:
            self._end()
            self._link = link = TrainerLink(self.device, self.threads)
        return link

    def _end(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.close()

    def _result(
        self, link: TrainerLink, key: str, on_event: Callable[[dict[str, Any]], None] | None, check_stop: StopCheck
    ) -> ChildResult:
        while True:
            message = link.read(READ_SECONDS)
            if message is not None and "event" in message and on_event is not None:
                on_event(message["event"])
            result = _final_answer(message, key)
            if result is not None:
                return result
            try:
                check_stop()
            except ChildStopped:
                return self._stop(link, key)

    def _stop(self, link: TrainerLink, key: str) -> ChildResult:
        """Asks the trainer to stop, kills it if it is deaf. A result that was just ready is not thrown away."""
        link.send(stop=key)
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline:
            result = _final_answer(link.read(READ_SECONDS), key)
            if result is not None:
                return result
        self._end()
        raise ChildStopped("Training was stopped; its process did not answer and was ended.")


def _final_answer(message: dict[str, Any] | None, key: str) -> ChildResult | None:
    """The result, if the message has one; raises what else it says. An error without a key is about this job."""
    if message is None or message.get("key") not in (key, None):
        return None
    if "error" in message:
        raise (MachineError if message.get("machine") else ChildError)(message["error"])
    if "stopped" in message:
        raise ChildStopped("Training was stopped.")
    return ChildResult.from_dict(message["result"]) if "result" in message else None
