"""What all controllers that train the LSTM policy share: proposing, the reward baseline, the report, the state.

With a queue (`queue_size`), each of them learns from its best rules, too: priority queue training (Abolafia et al.
2018, arXiv 1801.03526) adds −queue_weight · mean log π of the queue's rules to the loss of every gradient step.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn

from engine.controllers.baseline import RewardBaseline
from engine.controllers.contract import Batch
from engine.controllers.masks import Masks
from engine.controllers.policy import RulePolicy
from engine.controllers.preferences import SAMPLES, own_generator
from engine.controllers.queue import BestRules
from engine.language import Space
from engine.registry.controllers import PolicySettings

S = TypeVar("S", bound=PolicySettings)


class PolicyController(ABC, Generic[S]):
    """Policy, reward baseline, Adam and one random generator of its own; subclasses say how it learns."""

    def __init__(self, space: Space, settings: S, seed: int, masks: Masks | None = None) -> None:
        self.settings = settings
        self.generator = torch.Generator().manual_seed(seed)
        self.policy = RulePolicy(space, settings.units, self.generator, masks)
        self.optimizer = torch.optim.Adam(self.policy.parameters(), lr=settings.learning_rate)
        self.baseline = RewardBaseline(settings.baseline_decay)
        self.best = BestRules(space, settings.queue_size)

    @abstractmethod
    def learn(self, tokens: Tensor, logprobs: Tensor, rewards: Tensor) -> float:
        """Trains the policy on rules [n, slots] drawn with logprobs [n] that earned rewards [n]; gives the loss."""

    def propose(self, n: int) -> Batch:
        trace = self.policy.sample(n, self.generator)
        return Batch(trace.tokens, trace.logprobs)

    @torch.no_grad()
    def logprobs(self, tokens: Tensor) -> Tensor:
        return self.policy.evaluate(tokens).logprobs

    def observe(self, batch: Batch, rewards: list[float | None]) -> dict[str, float]:
        kept = [row for row, reward in enumerate(rewards) if reward is not None]
        if not kept:
            return self._report(batch.tokens, batch.logprobs, loss=0.0)
        observed = torch.tensor([reward for reward in rewards if reward is not None])  # [kept]
        tokens, logprobs = batch.tokens[kept], batch.logprobs[kept]  # [kept, slots], [kept]
        self.best.add(tokens, observed)
        loss = self.learn(tokens, logprobs, observed)
        self.baseline.update(observed)
        return self._report(tokens, logprobs, loss)

    def with_queue(self, loss: Tensor) -> Tensor:
        """The loss and what the queue's rules add to it; the very same where there is no queue."""
        if not self.best.members or self.settings.queue_weight == 0:
            return loss
        return loss - self.settings.queue_weight * self.policy.evaluate(self.best.tokens).logprobs.mean()

    def step(self, loss: Tensor) -> float:
        """One step of Adam down the loss, with the gradient's norm held; gives the loss before it."""
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.policy.parameters(), self.settings.max_grad_norm)
        self.optimizer.step()
        return loss.item()

    @torch.no_grad()
    def _report(self, tokens: Tensor, logprobs: Tensor, loss: float) -> dict[str, float]:
        """tokens [n, slots] and the logprobs [n] that they were drawn with."""
        trace = self.policy.evaluate(tokens)
        logratio = trace.logprobs - logprobs  # [n]
        approx_kl = ((logratio.exp() - 1) - logratio).mean().item()  # Schulman's k3: never negative
        metrics = {"entropy": trace.entropy.mean().item(), "kl": approx_kl, "loss": loss}
        return metrics if self.baseline.value is None else {**metrics, "baseline": self.baseline.value}

    def preferences(self) -> list[Tensor]:
        """The policy's own probabilities: exact for the first slot, means over drawn strings for the later ones."""
        return self.policy.marginals(SAMPLES, own_generator())

    def state_dict(self) -> dict[str, Any]:
        return {
            "policy": self.policy.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "baseline": self.baseline.value,
            "generator": self.generator.get_state(),
            "best": self.best.state(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.policy.load_state_dict(state["policy"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.baseline.value = state["baseline"]
        self.generator.set_state(state["generator"])
        self.best.load(state["best"])
