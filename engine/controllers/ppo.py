"""Proximal policy optimization of the LSTM policy (Schulman et al. 2017, arXiv 1707.06347, equation 7).

A rule is one action: ratio and clip are those of its whole token string, as the reward comes once, at its end.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from engine.controllers.baseline import RewardBaseline
from engine.controllers.contract import Batch
from engine.controllers.policy import RulePolicy, Trace
from engine.language import Space
from engine.registry.controllers import PpoSettings


class PPOController:
    """Policy, reward baseline, Adam and one random generator of its own."""

    def __init__(self, space: Space, settings: PpoSettings, seed: int) -> None:
        self.settings = settings
        self.generator = torch.Generator().manual_seed(seed)
        self.policy = RulePolicy(space, settings.units, self.generator)
        self.optimizer = torch.optim.Adam(self.policy.parameters(), lr=settings.learning_rate)
        self.baseline = RewardBaseline(settings.baseline_decay)

    def propose(self, n: int) -> Batch:
        trace = self.policy.sample(n, self.generator)
        return Batch(trace.tokens, trace.logprobs)

    def observe(self, batch: Batch, rewards: list[float | None]) -> dict[str, float]:
        kept = [row for row, reward in enumerate(rewards) if reward is not None]
        if not kept:
            return self._report(batch.tokens, batch.logprobs, loss=0.0)
        observed = torch.tensor([reward for reward in rewards if reward is not None])  # [kept]
        advantages = self.baseline.advantages(observed)  # [kept]
        tokens, logprobs = batch.tokens[kept], batch.logprobs[kept]  # [kept, slots], [kept]
        for _ in range(self.settings.update_epochs):
            loss = self._learn(tokens, logprobs, advantages)
        self.baseline.update(observed)
        return self._report(tokens, logprobs, loss)

    def _learn(self, tokens: Tensor, logprobs: Tensor, advantages: Tensor) -> float:
        """One gradient step on the whole round; says the loss before it."""
        loss = self._loss(self.policy.evaluate(tokens), logprobs, advantages)
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.policy.parameters(), self.settings.max_grad_norm)
        self.optimizer.step()
        return loss.item()

    def _loss(self, trace: Trace, logprobs: Tensor, advantages: Tensor) -> Tensor:
        ratio = (trace.logprobs - logprobs).exp()  # [n]
        clipped = ratio.clamp(1 - self.settings.clip_coef, 1 + self.settings.clip_coef)  # [n]
        pg_loss = torch.max(-advantages * ratio, -advantages * clipped).mean()
        return pg_loss - self.settings.entropy_coef * trace.entropy.mean()

    @torch.no_grad()
    def _report(self, tokens: Tensor, logprobs: Tensor, loss: float) -> dict[str, float]:
        """tokens [n, slots] and the logprobs [n] that they were drawn with."""
        trace = self.policy.evaluate(tokens)
        logratio = trace.logprobs - logprobs  # [n]
        approx_kl = ((logratio.exp() - 1) - logratio).mean().item()  # Schulman's k3: never negative
        metrics = {"entropy": trace.entropy.mean().item(), "kl": approx_kl, "loss": loss}
        return metrics if self.baseline.value is None else {**metrics, "baseline": self.baseline.value}

    def state_dict(self) -> dict[str, Any]:
        return {
            "policy": self.policy.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "baseline": self.baseline.value,
            "generator": self.generator.get_state(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.policy.load_state_dict(state["policy"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.baseline.value = state["baseline"]
        self.generator.set_state(state["generator"])
