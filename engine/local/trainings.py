"""Children in training: which job is whose, and what ends a search when its children fail."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait

from engine.children.messages import ChildJob
from engine.children.results import ChildResult
from engine.errors import ChildError, EngineError, MachineError, TrainerDied
from engine.local.crew import Crew

LOOK_SECONDS = 0.2
SAME_ERRORS = 3

Take = Callable[[ChildResult | EngineError], None]


class Trainings:
    """Hands each job's result, or the error that says nothing about its rule, to whoever submitted it."""

    def __init__(self, crew: Crew) -> None:
        self.crew = crew
        self._waiting: dict[Future[ChildResult], Take] = {}
        self._errors: list[str] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def submit(self, job: ChildJob, take: Take) -> None:
        self._waiting[self.crew.submit(job)] = take

    def collect(self) -> None:
        """Waits a moment for children and hands over what is there, in the order in which they were submitted.

        Raises:
            ChildError: three children in a row failed with the same words, so more of them will.
            MachineError: this machine cannot train such children.
        """
        done, _ = wait(self._waiting, timeout=LOOK_SECONDS, return_when=FIRST_COMPLETED)
        for future in [future for future in self._waiting if future in done]:
            self._waiting.pop(future)(self._outcome(future))

    def keep_what_is_finished(self) -> None:
        """After the crew has ended: children that were done before they could be told to stop are kept."""
        for future, take in self._waiting.items():
            if future.done() and not future.cancelled() and future.exception() is None:
                take(future.result())
        self._waiting.clear()

    def _outcome(self, future: Future[ChildResult]) -> ChildResult | EngineError:
        try:
            result = future.result()
        except MachineError:
            raise
        except ChildError as error:
            self._note(error)
            return error
        except TrainerDied as error:
            return error
        self._errors.clear()
        return result

    def _note(self, error: ChildError) -> None:
        self._errors.append(str(error))
        if self._errors[-SAME_ERRORS:] == [str(error)] * SAME_ERRORS:
            raise error
