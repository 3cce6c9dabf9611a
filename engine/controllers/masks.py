"""The priors' masks as tensors, for policies and random draws."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.config.prior_masks import PriorMasks

MASKED = -1e9  # a logit whose probability is exactly 0 while every product with it stays finite


class Masks:
    """What may follow at each slot of token strings that are written side by side; without priors, everything."""

    def __init__(self, masks: PriorMasks | None = None) -> None:
        self.masks = masks

    def at(self, slot: int, chosen: list[Tensor]) -> Tensor | None:
        """bool [n, width]: the choices allowed at the slot; None: all of them. `chosen`: a tensor [n] a slot before."""
        if self.masks is None or not self.masks.masks(slot):
            return None
        prefixes = torch.stack(chosen, dim=1).tolist() if chosen else [()]
        return torch.tensor([self.masks.allowed(tuple(prefix)) for prefix in prefixes])

    def obeys(self, row: list[int]) -> bool:
        """Whether the token string writes a rule that obeys the priors."""
        return self.masks is None or self.masks.obeys(tuple(row))


def masked(logits: Tensor, allowed: Tensor | None) -> Tensor:
    """logits [n, width] with those of other choices than allowed [n or 1, width] out of reach."""
    return logits if allowed is None else logits.masked_fill(~allowed, MASKED)
