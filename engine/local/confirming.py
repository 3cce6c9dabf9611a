"""What comes after the budget is spent: the best rules and the baselines are trained with fresh seeds."""

from __future__ import annotations

from collections.abc import Callable

from engine.children.messages import ChildJob
from engine.children.results import ChildResult
from engine.config import SearchConfig
from engine.errors import EngineError
from engine.local.confirmation import Confirmation, plan
from engine.local.events import ConfirmationBegun, ConfirmationDone, LocalEvent
from engine.local.journal import Journal
from engine.local.report import SearchReport
from engine.local.trainings import Trainings


class Confirming:
    """Trains each rule with each seed once; what the journal knows is not trained again."""

    def __init__(
        self,
        config: SearchConfig,
        trainings: Trainings,
        journal: Journal | None,
        report: SearchReport,
        on_event: Callable[[LocalEvent], None],
    ) -> None:
        self.config, self.trainings, self.journal = config, trainings, journal
        self.report, self.on_event = report, on_event

    def run(self, should_stop: Callable[[], bool]) -> bool:
        """Until all are trained or ``should_stop`` says so; whether all are. Raises as ``Trainings.collect``."""
        self.report.confirmations = plan(self.config, self.report.candidates)
        if self.report.confirmations:
            self.on_event(ConfirmationBegun(tuple(self.report.confirmations)))
        for confirmation in self.report.confirmations:
            for number in range(confirmation.seeds):
                self._begin(confirmation, number)
        while len(self.trainings) and not should_stop():
            self.trainings.collect()
        return all(confirmation.is_done for confirmation in self.report.confirmations)

    def _begin(self, confirmation: Confirmation, number: int) -> None:
        fingerprint = confirmation.fingerprint
        known = self.journal.confirmations.get((fingerprint, number)) if self.journal else None
        if known is not None:
            self._take(confirmation, number, known)
            return
        seed = self.config.confirmation_seed(number)
        job = ChildJob(f"confirmation-{fingerprint}-{number}", confirmation.rule.text, self.config.child, seed)
        self.trainings.submit(job, lambda outcome: self._finish(confirmation, number, outcome))

    def _finish(self, confirmation: Confirmation, number: int, outcome: ChildResult | EngineError) -> None:
        """A failure is not kept: a run that is continued tries again."""
        if isinstance(outcome, EngineError):
            confirmation.failures[number] = str(outcome)
            self.on_event(ConfirmationDone(confirmation, number, None))
            return
        if self.journal is not None:
            self.journal.write_confirmation(confirmation.fingerprint, number, outcome)
        self._take(confirmation, number, outcome)

    def _take(self, confirmation: Confirmation, number: int, result: ChildResult) -> None:
        confirmation.results[number] = result
        self.on_event(ConfirmationDone(confirmation, number, result))
