"""A candidate of a search in this process: the rule that was proposed, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.children.results import ChildResult
from engine.language import Rule
from engine.search import ProposedCandidate


@dataclass(slots=True)
class LocalCandidate:
    """A candidate and, once it is done, what became of it.

    Attributes:
        outcome: ``waiting``, ``trained``, ``diverged``, ``dropped``, ``duplicate``, ``screened`` or ``failed``.
        reward: validation accuracy in [0, 1], or whatever an own score says; None while waiting and when the child
            failed.
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

    @property
    def is_ranked(self) -> bool:
        """It has earned its reward itself; a duplicate stands with its first one."""
        return self.reward is not None and self.proposed.is_trained

    def take(self, result: ChildResult) -> None:
        self.outcome, self.reason, self.reward = result.outcome, result.reason, result.reward
        self.learning_rate, self.seconds = result.learning_rate, result.seconds
        self.runs = [run.to_dict() for run in result.runs]

    def take_screened(self, reward: float) -> None:
        self.outcome, self.reason, self.reward = "screened", self.proposed.reason, reward

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


def by_reward(candidate: LocalCandidate) -> tuple[float, int, int]:
    """Sorts the highest reward first, then the simpler, then the earlier."""
    return (-(candidate.reward or 0.0), candidate.proposed.complexity, candidate.proposed.index)
