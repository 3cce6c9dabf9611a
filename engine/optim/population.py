"""One rule for many members that differ in their learning rate alone: RuleOptimizer's numbers, computed together."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from engine.language import Rule
from engine.optim.functions import Step
from engine.optim.parts import PART
from engine.optim.program import Program
from engine.optim.random_draws import draw_seed


class PopulationOptimizer:
    """Moves weights [members, parameters] by w ← w − λ·Δ, with one λ a row; every row as RuleOptimizer would, alone.

    Random draws depend on seed, parameter and step alone, so all members share them, as they would one by one.

    Args:
        weights: with their gradient in ``weights.grad``.
        learning_rates: one a member.
        total_steps, seed: as RuleOptimizer's.
    """

    def __init__(
        self, weights: Tensor, rule: Rule, learning_rates: Sequence[float], *, total_steps: int, seed: int
    ) -> None:
        self.weights, self._total, self._seed = weights, total_steps, seed
        self._program = Program(rule)
        self._rates = torch.tensor(learning_rates, device=weights.device).unsqueeze(1)  # [members, 1]
        self._averages = [torch.zeros_like(weights) for _ in self._program.averages]
        self._generator = torch.Generator(weights.device)
        self._steps = 0

    @torch.no_grad()
    def step(self) -> None:
        assert self.weights.grad is not None
        if self._program.is_random:
            self._generator.manual_seed(draw_seed(self._seed, 0, self._steps))
        for w, g, *running in self._parts(self.weights, self.weights.grad, *self._averages):
            averages = self._program.read(g, running, self._steps + 1)
            delta = self._program(Step(g, w, self._steps, self._total, averages, self._generator, shared_draws=True))
            self._program.finish(g, running)
            w.sub_(delta * self._rates)
        self._steps += 1

    def _parts(self, *tensors: Tensor) -> list[tuple[Tensor, ...]]:
        """Cut where RuleOptimizer cuts one row, so that what is drawn for a part is the same."""
        if self.weights.shape[1] <= PART or self.weights.device.type != "cpu":
            return [tensors]
        return list(zip(*(tensor.split(PART, dim=1) for tensor in tensors), strict=True))
