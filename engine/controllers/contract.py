"""What a controller is: it proposes rules as token strings and learns from their rewards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from torch import Tensor


@dataclass(frozen=True)
class Batch:
    """Token strings that one call of `propose` drew.

    `tokens` [n, slots] (int64) holds, at slot s, an index into `space.choices(s)`. `logprobs` [n] is the
    log-probability (in nats) of each whole string under the policy that drew it: an update that comes rounds later
    needs it.
    """

    tokens: Tensor  # [n, slots] int64
    logprobs: Tensor  # [n] float32


class Controller(Protocol):
    """One algorithm that searches a space of rules. Deterministic: the same seed and rewards give the same batches.

    Every string that it proposes obeys the priors that it was built with.
    """

    def propose(self, n: int) -> Batch:
        """Draw n token strings, n >= 1. Moves only the controller's own random generator."""
        ...

    def logprobs(self, tokens: Tensor) -> Tensor:
        """The log-probabilities [n], in nats, of drawing these token strings [n, slots] now."""
        ...

    def observe(self, batch: Batch, rewards: list[float | None]) -> dict[str, float]:
        """Learn from the rewards of an earlier batch, and say what that did.

        A reward of None means that the candidate failed for a reason that says nothing about its rule (a lost worker,
        say): it is left out. The metrics are those that the algorithm has, of: entropy (nats a rule), kl (nats), loss,
        baseline (a reward).
        """
        ...

    def preferences(self) -> list[Tensor]:
        """What it would propose now: the share of each choice, a tensor [width] a slot. Moves nothing."""
        ...

    def state_dict(self) -> dict[str, Any]:
        """Everything that the next proposals depend on; `torch.load(weights_only=True)` can read it back."""
        ...

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue bit for bit where `state_dict` was taken. Raises when the state is of another space or size."""
        ...
