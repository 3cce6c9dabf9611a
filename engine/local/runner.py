"""A whole search in this process: the engine's state machine, a crew of trainers and a journal."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

from engine.children.messages import ChildJob
from engine.children.process import Trainer, TrainerProcess
from engine.children.results import ChildResult
from engine.config import SearchConfig
from engine.errors import EngineError, SearchStateError
from engine.local.candidate import LocalCandidate
from engine.local.confirming import Confirming
from engine.local.crew import Crew
from engine.local.events import CandidateDone, LocalEvent, RoundObserved
from engine.local.journal import Journal
from engine.local.origin import ChildNotes
from engine.local.report import SearchReport
from engine.local.trainings import Trainings
from engine.search import OptimizerSearch


class LocalSearch:
    """Runs one search; ``report`` is right at any time, also after ``run`` was left by an exception."""

    def __init__(
        self,
        config: SearchConfig,
        crew: Crew,
        journal: Journal | None = None,
        on_event: Callable[[LocalEvent], None] | None = None,
        notes: ChildNotes | None = None,
    ) -> None:
        self.config, self.journal = config, journal
        self.on_event = on_event or (lambda event: None)
        self.search = OptimizerSearch(config)
        self.report = SearchReport(config, own_notes=notes)
        self.trainings = Trainings(crew)
        self._best = float("-inf")
        self._first: dict[str, int] = {}
        self._rounds: dict[int, list[LocalCandidate]] = {}
        self._duplicates: list[LocalCandidate] = []

    def run(self, should_stop: Callable[[], bool] = lambda: False) -> None:
        """Until the budget is spent and the best rules are confirmed, or ``should_stop`` says so.

        Raises:
            ChildError: three children in a row failed with the same words, so more of them will.
            MachineError: this machine cannot train such children.
            SearchStateError: the journal does not fit this search, or cannot be written.
        """
        while not self.search.is_finished and not should_stop():
            self._propose()
            self._resolve_duplicates()
            if not self._observe():
                self.trainings.collect()
        confirming = Confirming(self.config, self.trainings, self.journal, self.report, self.on_event)
        self.report.is_finished = self.search.is_finished and confirming.run(should_stop)

    def _propose(self) -> None:
        while (proposed := self.search.propose(self._known)) is not None:
            candidates = [LocalCandidate(item, proposed.number) for item in proposed.candidates]
            self._rounds[proposed.number] = candidates
            self.report.candidates += candidates
            for candidate in candidates:
                self._first.setdefault(candidate.proposed.fingerprint, candidate.proposed.index)
                if candidate.proposed.duplicate_of is not None:
                    self._duplicates.append(candidate)
                elif candidate.proposed.screened:
                    candidate.take_screened(self.report.notes.worst)
                    self.on_event(CandidateDone(candidate, is_best=False))
                else:
                    self._begin(candidate)

    def _known(self, fingerprints: list[str]) -> dict[str, int]:
        return {fingerprint: self._first[fingerprint] for fingerprint in fingerprints if fingerprint in self._first}

    def _begin(self, candidate: LocalCandidate) -> None:
        """Takes what the journal knows, or has the child trained."""
        item = candidate.proposed
        entry = self.journal.entries.get(item.index) if self.journal else None
        if entry is None:
            seed = self.config.child_seed(item.fingerprint)
            job = ChildJob(str(item.index), item.text, self.config.child, seed)
            self.trainings.submit(job, lambda outcome: self._finish(candidate, outcome))
        elif entry.fingerprint != item.fingerprint:
            raise SearchStateError(f"The state file knows another rule as candidate {item.index}; choose another name.")
        elif isinstance(entry.outcome, str):
            self._fail(candidate, entry.outcome)
        else:
            self._take(candidate, entry.outcome)

    def _resolve_duplicates(self) -> None:
        waiting = []
        for candidate in self._duplicates:
            first = self.report.candidates[candidate.proposed.duplicate_of or 0]
            if first.is_done:
                candidate.take_duplicate(first)
                self.on_event(CandidateDone(candidate, is_best=False))
            else:
                waiting.append(candidate)
        self._duplicates = waiting

    def _observe(self) -> bool:
        """Lets the controller observe the oldest round in flight, if all of it is done."""
        number = self.search.rounds_observed
        candidates = self._rounds[number]
        if not all(candidate.is_done for candidate in candidates):
            return False
        self._keep_failures(candidates)
        report = self.search.observe(number, [candidate.reward for candidate in candidates])
        del self._rounds[number]
        self.report.rounds.append(report.metrics)
        self.on_event(RoundObserved(number, report.metrics))
        return True

    def _keep_failures(self, candidates: list[LocalCandidate]) -> None:
        """A failure counts once its round is observed; until then a run that is continued tries the child again."""
        for candidate in candidates:
            item = candidate.proposed
            known = self.journal is None or item.index in self.journal.entries
            if candidate.outcome == "failed" and item.duplicate_of is None and not known:
                self._write(candidate, candidate.reason)

    def _finish(self, candidate: LocalCandidate, outcome: ChildResult | EngineError) -> None:
        if isinstance(outcome, EngineError):
            self._fail(candidate, str(outcome))
            return
        self._write(candidate, outcome)
        self._take(candidate, outcome)

    def _take(self, candidate: LocalCandidate, result: ChildResult) -> None:
        candidate.take(result)
        is_best = result.outcome != "diverged" and result.reward > self._best
        self._best = result.reward if is_best else self._best
        self.on_event(CandidateDone(candidate, is_best))

    def _fail(self, candidate: LocalCandidate, reason: str) -> None:
        candidate.outcome, candidate.reason = "failed", reason
        self.on_event(CandidateDone(candidate, is_best=False))

    def _write(self, candidate: LocalCandidate, outcome: ChildResult | str) -> None:
        if self.journal is not None:
            self.journal.write(candidate.proposed.index, candidate.proposed.fingerprint, outcome)


def run_search(
    config: SearchConfig,
    *,
    workers: int = 1,
    device: str = "auto",
    threads: int = 1,
    on_event: Callable[[LocalEvent], None] | None = None,
    state_file: Path | None = None,
    should_stop: Callable[[], bool] = lambda: False,
    make_trainer: Callable[[], Trainer] | None = None,
    notes: ChildNotes | None = None,
) -> SearchReport:
    """Runs a search from beginning to end, confirmation included, without servers.

    Args:
        workers: trainer processes side by side; they change how long it takes, not which rules it proposes.
        state_file: where finished children are kept at once; an existing one is continued.
        should_stop: asked about five times a second; children in training are then given up.
        make_trainer: makes a trainer; the default is a process on ``device`` with ``threads`` threads.
        notes: says what is trained where ``make_trainer`` trains something else than the configuration's child.

    Raises:
        ChildError, MachineError, SearchStateError: see LocalSearch.run.
    """
    if workers < 1:
        raise EngineError(f"workers is {workers}; it must be at least 1.")
    with ExitStack() as stack:  # Left from the end: the crew ends, then what it finished is kept, also after an error.
        children = f"{notes.what}; {notes.protocol}" if notes else ""
        journal = stack.enter_context(closing(Journal(state_file, config, children))) if state_file else None
        crew = Crew(workers, make_trainer or (lambda: TrainerProcess(device, threads)))
        local = LocalSearch(config, crew, journal, on_event, notes)
        stack.callback(local.trainings.keep_what_is_finished)
        stack.enter_context(crew)
        local.run(should_stop)
    return local.report
