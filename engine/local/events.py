"""What a search in this process tells while it runs."""

from __future__ import annotations

from dataclasses import dataclass

from engine.children.results import ChildResult
from engine.local.candidate import LocalCandidate
from engine.local.confirmation import Confirmation


@dataclass(frozen=True, slots=True)
class CandidateDone:
    """A candidate is trained, dropped, diverged, screened, failed or recognised as a duplicate.

    Attributes:
        is_best: no reward before it was as high; never of one that diverged.
    """

    candidate: LocalCandidate
    is_best: bool


@dataclass(frozen=True, slots=True)
class RoundObserved:
    """The controller has learned from a round."""

    number: int
    metrics: dict[str, float]


@dataclass(frozen=True, slots=True)
class ConfirmationBegun:
    """The budget is spent; these rules are trained with fresh seeds now, in this order."""

    confirmations: tuple[Confirmation, ...]

    @property
    def children(self) -> int:
        return sum(confirmation.seeds for confirmation in self.confirmations)


@dataclass(frozen=True, slots=True)
class ConfirmationDone:
    """A rule is trained with the fresh seed of this number; ``result`` is None where the child failed."""

    confirmation: Confirmation
    number: int
    result: ChildResult | None


LocalEvent = CandidateDone | RoundObserved | ConfirmationBegun | ConfirmationDone
