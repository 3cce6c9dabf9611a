"""What a search in this process tells: events while it runs, and a report of all that is known."""

from __future__ import annotations

import bisect
from dataclasses import dataclass, field
from typing import Any

from engine.children.results import ChildResult
from engine.config import SearchConfig
from engine.language import Rule
from engine.search import ProposedCandidate


@dataclass(slots=True)
class LocalCandidate:
    """A candidate and, once it is done, what became of it.

    Attributes:
        outcome: ``waiting``, ``trained``, ``diverged``, ``dropped``, ``duplicate`` or ``failed``.
        reward: validation accuracy in [0, 1]; None while waiting and when the child failed.
    """

    proposed: ProposedCandidate
    round: int
    outcome: str = "waiting"
    reason: str = ""
    reward: float | None = None
    learning_rate: float | None = None
    seconds: float = 0.0
    runs: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_done(self) -> bool:
        return self.outcome != "waiting"

    def take(self, result: ChildResult) -> None:
        self.outcome, self.reason, self.reward = result.outcome, result.reason, result.reward
        self.learning_rate, self.seconds = result.learning_rate, result.seconds
        self.runs = [run.to_dict() for run in result.runs]

    def take_duplicate(self, first: LocalCandidate) -> None:
        self.outcome = "duplicate" if first.reward is not None else "failed"
        self.reason = f"The same rule as candidate {first.proposed.index}."
        self.reward, self.learning_rate = first.reward, first.learning_rate

    def to_dict(self) -> dict[str, Any]:
        proposed, rule = self.proposed, Rule.parse(self.proposed.text)
        return {
            "index": proposed.index,
            "round": self.round,
            "rule": proposed.text,
            "latex": rule.latex,
            "tokens": list(proposed.tokens),
            "fingerprint": proposed.fingerprint,
            "complexity": proposed.complexity,
            "duplicate_of": proposed.duplicate_of,
            "outcome": self.outcome,
            "reason": self.reason,
            "reward": self.reward,
            "learning_rate": self.learning_rate,
            "seconds": round(self.seconds, 3),
            "runs": self.runs,
        }


@dataclass(slots=True)
class SearchReport:
    """All that is known of a search: rules in the order of their proposal, metrics round by round."""

    config: SearchConfig
    candidates: list[LocalCandidate] = field(default_factory=list)
    rounds: list[dict[str, float]] = field(default_factory=list)
    is_finished: bool = False

    def leaderboard(self, limit: int = 20) -> list[LocalCandidate]:
        """The best first: by reward, then the simpler, then the earlier; duplicates stand with their first one."""
        known = [c for c in self.candidates if c.reward is not None and c.proposed.duplicate_of is None]
        return sorted(known, key=lambda c: (-(c.reward or 0.0), c.proposed.complexity, c.proposed.index))[:limit]

    @property
    def best(self) -> LocalCandidate | None:
        return next(iter(self.leaderboard(1)), None)

    @property
    def done(self) -> int:
        return sum(candidate.is_done for candidate in self.candidates)

    def note(self, event: LocalEvent) -> None:
        """Adds what an event tells: so whoever listens has all results, also when the search ends with an error."""
        if isinstance(event, CandidateDone):
            bisect.insort(self.candidates, event.candidate, key=lambda candidate: candidate.proposed.index)
        else:
            self.rounds.append(event.metrics)

    def to_dict(self) -> dict[str, Any]:
        return {
            "config": self.config.model_dump(mode="json"),
            "is_finished": self.is_finished,
            "best": self.best.to_dict() if self.best else None,
            "candidates": [candidate.to_dict() for candidate in self.candidates],
            "rounds": [{"number": number, "metrics": metrics} for number, metrics in enumerate(self.rounds)],
        }


@dataclass(frozen=True, slots=True)
class CandidateDone:
    """A candidate is trained, dropped, diverged, failed or recognised as a duplicate; ``is_best``: none was better."""

    candidate: LocalCandidate
    is_best: bool


@dataclass(frozen=True, slots=True)
class RoundObserved:
    """The controller has learned from a round."""

    number: int
    metrics: dict[str, float]


LocalEvent = CandidateDone | RoundObserved
