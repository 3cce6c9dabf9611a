"""Random search: every token uniform over what exists at its slot. The control that a learning controller must beat."""

from __future__ import annotations

import math
from typing import Any

import torch

from engine.controllers.contract import Batch
from engine.language import Space
from engine.registry import Settings


class RandomController:
    """Learns nothing; its state is its random generator."""

    def __init__(self, space: Space, settings: Settings, seed: int) -> None:
        self.generator = torch.Generator().manual_seed(seed)
        self.widths = tuple(len(space.choices(slot)) for slot in range(len(space.slots)))
        self.entropy = sum(math.log(width) for width in self.widths)  # nats a rule

    def propose(self, n: int) -> Batch:
        columns = [torch.randint(width, (n,), generator=self.generator) for width in self.widths]  # each [n]
        return Batch(torch.stack(columns, dim=1), torch.full((n,), -self.entropy))

    def observe(self, batch: Batch, rewards: list[float | None]) -> dict[str, float]:
        return {"entropy": self.entropy}

    def state_dict(self) -> dict[str, Any]:
        return {"generator": self.generator.get_state()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.generator.set_state(state["generator"])
