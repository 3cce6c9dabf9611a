"""The report of a search in this process: all that is known of it, also in the middle or after an error."""

from __future__ import annotations

import bisect
from dataclasses import dataclass, field
from typing import Any

from engine.config import SearchConfig
from engine.local.candidate import LocalCandidate
from engine.local.confirmation import Confirmation
from engine.local.events import CandidateDone, ConfirmationBegun, LocalEvent, RoundObserved
from engine.local.origin import ChildNotes, notes_of, origin
from engine.local.standing import Standing, ranked


@dataclass(slots=True, repr=False)
class SearchReport:
    """All that is known of a search: rules in the order of their proposal, metrics round by round, confirmations.

    Attributes:
        own_notes: what was trained, where it was not the configuration's child.
        is_finished: the budget is spent and every confirmation is done.
    """

    config: SearchConfig
    candidates: list[LocalCandidate] = field(default_factory=list)
    rounds: list[dict[str, float]] = field(default_factory=list)
    confirmations: list[Confirmation] = field(default_factory=list)
    is_finished: bool = False
    own_notes: ChildNotes | None = None

    def __repr__(self) -> str:
        """The leaderboard, a line each: what a notebook shows."""
        lines = [
            f"{self.done} of {self.config.budget} candidates done; {self.notes.what}",
            *map(repr, self.leaderboard(10)),
        ]
        return "\n".join(lines)

    @property
    def notes(self) -> ChildNotes:
        return self.own_notes or notes_of(self.config)

    def leaderboard(self, limit: int = 20) -> list[Standing]:
        """The best ``limit`` candidates, and every confirmed baseline in its place among them.

        Confirmed rules and baselines come first, by the mean of their fresh seeds; then the others, by their reward in
        the search. Of equals the simpler, then the earlier; duplicates stand with their first one.
        """
        rows, left = [], limit
        for row in ranked(self.candidates, self.confirmations, self._origin):
            left -= row.candidate is not None
            if row.candidate is None or left >= 0:
                rows.append(row)
        return rows

    @property
    def best(self) -> Standing | None:
        """The first candidate of the leaderboard; a baseline may stand above it."""
        return next((row for row in self.leaderboard(1) if row.candidate is not None), None)

    @property
    def done(self) -> int:
        return sum(candidate.is_done for candidate in self.candidates)

    def note(self, event: LocalEvent) -> None:
        """Adds what an event tells: so whoever listens has all results, also when the search ends with an error."""
        if isinstance(event, CandidateDone):
            bisect.insort(self.candidates, event.candidate, key=lambda candidate: candidate.proposed.index)
        elif isinstance(event, RoundObserved):
            self.rounds.append(event.metrics)
        elif isinstance(event, ConfirmationBegun):  # Its confirmations fill as their children are done.
            self.confirmations = list(event.confirmations)

    def to_dict(self) -> dict[str, Any]:
        best, config = self.best, self.config.model_dump(mode="json")
        if self.own_notes is not None:
            config["child"] = None  # It was somebody's own model, which ``trained`` and ``protocol`` tell of.
        return {
            "config": config,
            "trained": self.notes.what,
            "protocol": self.notes.protocol,
            "is_finished": self.is_finished,
            "best": best.to_dict() if best else None,
            "leaderboard": [row.to_dict() for row in self.leaderboard(len(self.candidates))],
            "confirmations": [confirmation.to_dict() for confirmation in self.confirmations],
            "candidates": [candidate.to_dict() for candidate in self.candidates],
            "rounds": [{"number": number, "metrics": metrics} for number, metrics in enumerate(self.rounds)],
        }

    def _origin(self, row: Standing) -> dict[str, str]:
        return origin(row, self.config, self.notes, self.leaderboard(0))
