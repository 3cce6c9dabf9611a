"""Rules that the user gives a controller to start with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from engine.controllers.contract import Batch, Controller


class StartRules:
    """A controller whose first proposals are given, in their order, over as many rounds as they take.

    The rest of a round that they leave open is the controller's own. It observes them like its own samples, with the
    log-probabilities that they have under its policy when they are proposed: so PPO's ratio starts at 1, and they are
    the first members of evolution's population.
    """

    def __init__(self, controller: Controller, rows: Sequence[Sequence[int]]) -> None:
        self.controller = controller
        self.rows = torch.tensor([list(row) for row in rows])  # [start rules, slots]
        self.proposed = 0

    def propose(self, n: int) -> Batch:
        given = self.rows[self.proposed : self.proposed + n]  # [at most n, slots]
        self.proposed += len(given)
        if len(given) == 0:
            return self.controller.propose(n)
        logprobs = self.controller.logprobs(given)
        if len(given) == n:
            return Batch(given, logprobs)
        own = self.controller.propose(n - len(given))
        return Batch(torch.cat([given, own.tokens]), torch.cat([logprobs, own.logprobs]))

    def logprobs(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.controller.logprobs(tokens)

    def observe(self, batch: Batch, rewards: list[float | None]) -> dict[str, float]:
        return self.controller.observe(batch, rewards)

    def preferences(self) -> list[torch.Tensor]:
        return self.controller.preferences()

    def state_dict(self) -> dict[str, Any]:
        return {"proposed": self.proposed, "controller": self.controller.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.controller.load_state_dict(state["controller"])
        self.proposed = int(state["proposed"])
