"""Risk-seeking policy gradient (Petersen et al. 2021, Deep Symbolic Regression, section 3.3).

It raises what the best share ε of rules earns instead of the mean: a search is judged by its best rule.
"""

from __future__ import annotations

import torch
from torch import Tensor

from engine.controllers.masks import Masks
from engine.controllers.policy_controller import PolicyController
from engine.language import Space
from engine.registry.controllers import RiskSeekingSettings


class RiskSeekingController(PolicyController[RiskSeekingSettings]):
    """Learns from the rules at or above the (1 − ε) quantile of the last rewards only, with that quantile as baseline.

    Rounds are small, so the quantile is taken over a window of the last rewards, this round's included.
    """

    def __init__(self, space: Space, settings: RiskSeekingSettings, seed: int, masks: Masks | None = None) -> None:
        super().__init__(space, settings, seed, masks)
        self.window: list[float] = []

    def learn(self, tokens: Tensor, logprobs: Tensor, rewards: Tensor) -> float:
        self.window = [*self.window, *rewards.tolist()][-self.settings.window :]
        threshold = torch.tensor(self.window).quantile(1 - self.settings.epsilon)  # scalar
        elite = rewards >= threshold  # [n]
        if elite.any():
            return self.step(self.with_queue(self._loss(tokens[elite], rewards[elite] - threshold)))
        queue_loss = self.with_queue(torch.zeros(()))
        return self.step(queue_loss) if queue_loss.requires_grad else 0.0

    def _loss(self, tokens: Tensor, advantages: Tensor) -> Tensor:
        """Of the elite's rules [elite, slots] and what they are above the quantile [elite]."""
        trace = self.policy.evaluate(tokens)
        pg_loss = -(advantages * trace.logprobs).mean()
        return pg_loss - self.settings.entropy_coef * trace.entropy.mean()

    def state_dict(self) -> dict[str, object]:
        return {**super().state_dict(), "window": list(self.window)}

    def load_state_dict(self, state: dict[str, object]) -> None:
        super().load_state_dict(state)
        self.window = list(state["window"])  # type: ignore[call-overload]
