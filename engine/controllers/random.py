"""Random search: every token uniform over what exists at its slot. The control that a learning controller must beat."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from engine.controllers.contract import Batch
from engine.controllers.masks import Masks
from engine.controllers.preferences import SAMPLES, own_generator
from engine.language import Space
from engine.registry import Settings


class RandomController:
    """Learns nothing; its state is its random generator. With priors, every token is uniform over what they allow."""

    def __init__(self, space: Space, settings: Settings, seed: int, masks: Masks | None = None) -> None:
        self.generator = torch.Generator().manual_seed(seed)
        self.masks = masks or Masks()
        self.widths = tuple(len(space.choices(slot)) for slot in range(len(space.slots)))
        self.entropy = sum(math.log(width) for width in self.widths)  # nats a rule, without priors

    def propose(self, n: int) -> Batch:
        tokens = self._draw(n, self.generator)
        return Batch(tokens, self.logprobs(tokens))

    def _draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Token strings [n, slots]."""
        columns: list[Tensor] = []  # each [n]
        for slot, width in enumerate(self.widths):
            allowed = self.masks.at(slot, columns)  # [n or 1, width]
            if allowed is None:
                columns.append(torch.randint(width, (n,), generator=generator))
            else:
                columns.append(torch.multinomial(allowed.float().expand(n, -1), 1, generator=generator).squeeze(1))
        return torch.stack(columns, dim=1)

    def preferences(self) -> list[Tensor]:
        """Even shares; with priors, the mean over drawn strings of what is even among what they allow."""
        columns = list(self._draw(SAMPLES, own_generator()).T)  # each [SAMPLES]
        allowed = [self.masks.at(slot, columns[:slot]) for slot in range(len(self.widths))]
        return [
            torch.full((width,), 1 / width) if found is None else (found / found.sum(1, keepdim=True)).mean(0)
            for width, found in zip(self.widths, allowed, strict=True)
        ]

    def logprobs(self, tokens: Tensor) -> Tensor:
        """The log-probability (nats) of drawing each of these strings [n, slots]; the same for all without priors."""
        total = torch.zeros(len(tokens), dtype=torch.float64)  # [n]
        columns: list[Tensor] = []
        for slot, width in enumerate(self.widths):
            allowed = self.masks.at(slot, columns)
            total -= math.log(width) if allowed is None else allowed.sum(dim=1).log()
            columns.append(tokens[:, slot])
        return total.float()

    def observe(self, batch: Batch, rewards: list[float | None]) -> dict[str, float]:
        return {"entropy": self.entropy if self.masks.masks is None else -batch.logprobs.mean().item()}

    def state_dict(self) -> dict[str, Any]:
        return {"generator": self.generator.get_state()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.generator.set_state(state["generator"])
