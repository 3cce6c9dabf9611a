"""Whether a difference between rules is real: means over fresh seeds, and differences in pairs. No torch here.

Rules that are trained with the same seeds start from the same weights and see the same batches, so their difference
is taken seed by seed: what a seed does to both leaves it (Student 1908; any textbook's paired t interval).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from scipy.special import stdtrit  # type: ignore[import-untyped]

from engine.errors import SettingsError

CONFIDENCE = 0.95
NO_SPREAD = 1e-9  # a standard error below it is rounding


@dataclass(frozen=True, slots=True)
class Spread:
    """Rewards of one rule over seeds.

    Attributes:
        std: the sample's standard deviation (n − 1); None for one reward, which has no spread.
        standard_error: of the mean, std / √n; None likewise.
    """

    mean: float
    std: float | None
    n: int
    standard_error: float | None

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Difference:
    """Mean of (first − second) over the seeds that both were trained with.

    Attributes:
        standard_error: of the mean difference; None with one seed.
        low, high: the 95 % interval of Student's t with n − 1 degrees of freedom; None with one seed.
    """

    mean: float
    standard_error: float | None
    low: float | None
    high: float | None
    n: int

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves 0 out.

        Accuracies come in steps of one example, so a few differences may be equal by chance: an interval without any
        width is no sign of certainty.
        """
        if not self.standard_error or self.standard_error < NO_SPREAD:
            return False
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "is_clear": self.is_clear}


def summarise(rewards: Sequence[float]) -> Spread:
    """Mean and spread of a rule's rewards.

    Raises:
        SettingsError: there is none.
    """
    n = len(rewards)
    if n == 0:
        raise SettingsError("There is no reward to summarise.")
    mean = math.fsum(rewards) / n
    if n == 1:
        return Spread(mean, None, 1, None)
    std = math.sqrt(math.fsum((reward - mean) ** 2 for reward in rewards) / (n - 1))
    return Spread(mean, std, n, std / math.sqrt(n))


def paired_difference(first: Sequence[float], second: Sequence[float]) -> Difference:
    """first − second, seed by seed.

    Args:
        first, second: rewards of two rules, in the same order of the same seeds.

    Raises:
        SettingsError: they are not equally many, or none.
    """
    if len(first) != len(second):
        raise SettingsError(f"{len(first)} and {len(second)} rewards make no pairs; both rules need the same seeds.")
    spread = summarise([a - b for a, b in zip(first, second, strict=True)])
    if spread.standard_error is None:
        return Difference(spread.mean, None, None, None, 1)
    reach = float(stdtrit(spread.n - 1, 0.5 + CONFIDENCE / 2)) * spread.standard_error
    return Difference(spread.mean, spread.standard_error, spread.mean - reach, spread.mean + reach, spread.n)
