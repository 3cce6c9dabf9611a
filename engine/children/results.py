"""What training a child gives back: plain numbers and sentences, ready for JSON. No torch here."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self

Stage = Literal["sweep", "final"]
Outcome = Literal["trained", "diverged", "dropped"]


@dataclass(frozen=True, slots=True)
class EpochPoint:
    """One point of a learning curve.

    Attributes:
        epoch: epochs of this run behind it, counted from 1.
        train_loss: mean cross entropy (nats) over the epoch's training examples.
        validation_accuracy: fraction in [0, 1] after the epoch.
    """

    epoch: float
    train_loss: float
    validation_accuracy: float


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One training from fresh weights: a learning rate of the sweep, or the final training."""

    stage: Stage
    learning_rate: float
    outcome: Outcome
    reason: str
    seconds: float
    curve: tuple[EpochPoint, ...] = ()

    @property
    def validation_accuracy(self) -> float:
        """After the last epoch that ended; 0 where none did."""
        return self.curve[-1].validation_accuracy if self.curve else 0.0

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "curve": [asdict(point) for point in self.curve]}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        return cls(**{**values, "curve": tuple(EpochPoint(**point) for point in values["curve"])})


@dataclass(frozen=True, slots=True)
class ChildResult:
    """A child's whole story.

    Attributes:
        reward: final validation accuracy in [0, 1]; 0 when the child diverged.
        reason: why it ended so, in a sentence for people.
        learning_rate: the one that the sweep chose; None when it found none.
        seconds: wall time of all runs together.
        extra: what jobs other than children found, ready for JSON (``engine.evaluation.transfer`` and ``paths``).
    """

    reward: float
    outcome: Outcome
    reason: str
    learning_rate: float | None
    runs: tuple[RunRecord, ...]
    seconds: float
    extra: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "runs": [run.to_dict() for run in self.runs]}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        return cls(**{**values, "runs": tuple(RunRecord.from_dict(run) for run in values["runs"])})
