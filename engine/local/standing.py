"""The rows of a leaderboard: what a rule earned in the search, and, kept apart from it, what fresh seeds gave."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import Tensor

from engine.evaluation.confirm import Spread
from engine.export import export_rule
from engine.language import Rule
from engine.local.candidate import LocalCandidate
from engine.local.confirmation import Confirmation
from engine.local.files import write_whole
from engine.optim import RuleOptimizer
from engine.presets import NAMED_RULES


@dataclass(frozen=True, slots=True, repr=False)
class Standing:
    """A candidate or a baseline on a leaderboard.

    Attributes:
        candidate: None for a baseline.
        confirmation: None where the rule was not trained with fresh seeds.
        baseline: the baseline's name; None for a candidate.
        origin: says how such a row was measured, as lines of a file's header.
    """

    rule: Rule
    candidate: LocalCandidate | None
    confirmation: Confirmation | None
    baseline: str | None
    origin: Callable[[Standing], Mapping[str, str]] = field(compare=False)

    @property
    def reward(self) -> float | None:
        """The proxy: what the candidate earned in the search, once, with its own seed. A baseline has none."""
        return self.candidate.reward if self.candidate else None

    @property
    def confirmed(self) -> Spread | None:
        """Mean, standard deviation and n over the fresh seeds; None while they are not all trained."""
        return self.confirmation.spread if self.confirmation else None

    @property
    def learning_rate(self) -> float | None:
        """The one that the sweep chose: the candidate's own, else the one that fresh seeds chose most often."""
        if self.candidate is not None:
            return self.candidate.learning_rate
        return self.confirmation.learning_rate if self.confirmation else None

    @property
    def title(self) -> str:
        return NAMED_RULES[self.baseline].title if self.baseline else self.rule.text

    def __repr__(self) -> str:
        """One line for people: the title, and the two measurements apart."""
        reward = "" if self.reward is None else f"proxy reward {self.reward:.4f}"
        confirmed = f"confirmed {spread_text(self.confirmed)}" if self.confirmed else ""
        mark = "baseline " if self.baseline else ""
        return f"{mark}{self.title}: {', '.join(filter(None, (reward, confirmed)))}"

    def source(self) -> str:
        """The text of an optimizer file that needs only torch; its header says how the rule was measured."""
        return export_rule(self.rule, learning_rate=self.learning_rate, origin=self.origin(self))

    def save(self, path: str | Path) -> None:
        """Writes ``source`` to a file, whole or not at all. Raises OSError where that cannot be written."""
        write_whole(Path(path), self.source())

    def optimizer(self, params: Any, lr: float | Tensor | None = None, **options: Any) -> RuleOptimizer:
        """The rule as a torch optimizer, at its learning rate unless ``lr`` gives another; options of RuleOptimizer.

        Raises:
            SettingsError: the rule decays over a training, and ``total_steps`` is missing.
        """
        if lr is None:
            lr = 1e-3 if self.learning_rate is None else self.learning_rate
        return RuleOptimizer(params, self.rule, lr=lr, **options)

    def to_dict(self) -> dict[str, Any]:
        return {
            "rule": self.rule.text,
            "candidate": self.candidate.proposed.index if self.candidate else None,
            "baseline": self.baseline,
            "reward": self.reward,
            "confirmed": self.confirmed.to_dict() if self.confirmed else None,
            "complexity": self.rule.complexity,
            "learning_rate": self.learning_rate,
        }


def spread_text(spread: Spread) -> str:
    """``mean ± standard deviation (n)``; one seed has no spread."""
    return f"{spread.mean:.4f} (1)" if spread.std is None else f"{spread.mean:.4f} ± {spread.std:.4f} ({spread.n})"


def ranked(
    candidates: Sequence[LocalCandidate],
    confirmations: Sequence[Confirmation],
    origin: Callable[[Standing], Mapping[str, str]],
) -> list[Standing]:
    """The confirmed by their mean, baselines among them; after them the unconfirmed by their reward; then the diverged.

    Of equals the simpler, then the earlier candidate, then the baseline.
    """
    known = {row.candidate: row for row in confirmations if row.candidate is not None}
    rows = [
        Standing(Rule.parse(candidate.proposed.text), candidate, known.get(candidate.proposed.index), None, origin)
        for candidate in candidates
        if candidate.is_ranked
    ]
    baselines = (Standing(row.rule, None, row, name, origin) for row, name in _baselines(confirmations))
    return sorted([*rows, *baselines], key=_rank)


def _baselines(confirmations: Sequence[Confirmation]) -> Iterator[tuple[Confirmation, str]]:
    for confirmation in confirmations:
        if confirmation.spread is not None:
            for name in confirmation.baselines:
                yield confirmation, name


def _rank(row: Standing) -> tuple[int, float, int, float]:
    index = row.candidate.proposed.index if row.candidate else float("inf")
    if row.confirmed is not None:
        return (0, -row.confirmed.mean, row.rule.complexity, index)
    diverged = row.candidate is not None and row.candidate.outcome == "diverged"
    return (2 if diverged else 1, -(row.reward or 0.0), row.rule.complexity, index)
