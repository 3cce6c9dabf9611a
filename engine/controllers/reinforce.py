"""REINFORCE with a moving-average reward baseline (Williams 1992; Zoph and Le 2017, section 3.2)."""

from __future__ import annotations

from torch import Tensor

from engine.controllers.policy_controller import PolicyController
from engine.registry.controllers import PolicySettings


class ReinforceController(PolicyController[PolicySettings]):
    """One gradient step a round on −(R − b)·log π, less the entropy bonus."""

    def learn(self, tokens: Tensor, logprobs: Tensor, rewards: Tensor) -> float:
        advantages = self.baseline.advantages(rewards)  # [n]
        trace = self.policy.evaluate(tokens)
        pg_loss = -(advantages * trace.logprobs).mean()
        return self.step(self.with_queue(pg_loss - self.settings.entropy_coef * trace.entropy.mean()))
