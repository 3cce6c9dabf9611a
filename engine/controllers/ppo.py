"""Proximal policy optimization of the LSTM policy (Schulman et al. 2017, arXiv 1707.06347, equation 7).

A rule is one action: ratio and clip are those of its whole token string, as the reward comes once, at its end.
"""

from __future__ import annotations

import torch
from torch import Tensor

from engine.controllers.policy import Trace
from engine.controllers.policy_controller import PolicyController
from engine.registry.controllers import PpoSettings


class PPOController(PolicyController[PpoSettings]):
    def learn(self, tokens: Tensor, logprobs: Tensor, rewards: Tensor) -> float:
        advantages = self.baseline.advantages(rewards)  # [n]
        loss = 0.0
        for _ in range(self.settings.update_epochs):
            loss = self.step(self.with_queue(self._loss(self.policy.evaluate(tokens), logprobs, advantages)))
        return loss

    def _loss(self, trace: Trace, logprobs: Tensor, advantages: Tensor) -> Tensor:
        ratio = (trace.logprobs - logprobs).exp()  # [n]
        clipped = ratio.clamp(1 - self.settings.clip_coef, 1 + self.settings.clip_coef)  # [n]
        pg_loss = torch.max(-advantages * ratio, -advantages * clipped).mean()
        return pg_loss - self.settings.entropy_coef * trace.entropy.mean()
