"""Rules that the search has proposed before are drawn again: a duplicate is not trained, so it teaches little."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from engine.controllers.contract import Batch, Controller
from engine.language import Rule, Space


class FreshRules:
    """A controller whose duplicates are drawn again, each at most `redraws` times; after that one is let through.

    What is drawn again is never observed. The log-probabilities stay those of the policy, which is not conditioned on
    the rule being new: the probability ratios of PPO and TRPO start at 1 as before.
    """

    def __init__(self, controller: Controller, space: Space, redraws: int) -> None:
        self.controller, self.space, self.redraws = controller, space, redraws
        self.seen: set[str] = set()  # fingerprints

    def propose(self, n: int) -> Batch:
        batch = self.controller.propose(n)
        tokens, logprobs = batch.tokens.clone(), batch.logprobs.clone()
        for _ in range(self.redraws):
            known = self._known(tokens)
            if not known:
                break
            again = self.controller.propose(len(known))
            tokens[known], logprobs[known] = again.tokens, again.logprobs
        self.seen.update(map(self._fingerprint, tokens.tolist()))
        return Batch(tokens, logprobs)

    def _known(self, tokens: Tensor) -> list[int]:
        """Which rows of tokens [n, slots] write a rule that was proposed before, or that an earlier row writes."""
        seen, known = set(self.seen), []
        for number, row in enumerate(tokens.tolist()):
            fingerprint = self._fingerprint(row)
            if fingerprint in seen:
                known.append(number)
            seen.add(fingerprint)
        return known

    def _fingerprint(self, row: list[int]) -> str:
        return Rule.from_tokens([self.space.choices(slot)[i] for slot, i in enumerate(row)]).fingerprint

    def logprobs(self, tokens: Tensor) -> Tensor:
        return self.controller.logprobs(tokens)

    def observe(self, batch: Batch, rewards: list[float | None]) -> dict[str, float]:
        self.seen.update(map(self._fingerprint, batch.tokens.tolist()))  # starting rules come from elsewhere
        return self.controller.observe(batch, rewards)

    def preferences(self) -> list[Tensor]:
        return self.controller.preferences()

    def state_dict(self) -> dict[str, Any]:
        return {"seen": sorted(self.seen), "controller": self.controller.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.controller.load_state_dict(state["controller"])
        self.seen = set(state["seen"])
