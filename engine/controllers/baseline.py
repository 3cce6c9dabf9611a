"""The reward baseline: what a round is compared with (the paper's exponential moving average of rewards)."""

from __future__ import annotations

from torch import Tensor


class RewardBaseline:
    """b <- decay * b + (1 - decay) * mean(round); the first round's mean starts it, so that it is never far off."""

    def __init__(self, decay: float) -> None:
        self.decay = decay
        self.value: float | None = None

    def advantages(self, rewards: Tensor) -> Tensor:
        """rewards [n] less the baseline as it stood before them [n]."""
        before = rewards.mean().item() if self.value is None else self.value
        return rewards - before  # [n]

    def update(self, rewards: Tensor) -> None:
        """Move towards the mean of rewards [n]."""
        mean = rewards.mean().item()
        self.value = mean if self.value is None else self.decay * self.value + (1 - self.decay) * mean
