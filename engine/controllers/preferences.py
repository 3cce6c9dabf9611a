"""What a controller would propose now: the share of each token, slot by slot and by kind of slot."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.language import Space

SAMPLES = 64  # strings along which the conditional probabilities of later slots are averaged
DIGITS = 3


def own_generator() -> torch.Generator:
    """Draws for a report come from here, so that a search proposes the same rules whether or not it reports."""
    return torch.Generator().manual_seed(0)


def by_kind(space: Space, shares: list[Tensor]) -> dict[str, list[float]]:
    """Kind of slot -> share of each token of its widest slot; each list sums to 1, but for rounding.

    `shares` is a tensor [width] a slot. A token that a slot does not offer has the share 0 there.
    """
    return {kind: _mean_of_slots(space, kind, shares) for kind in dict.fromkeys(space.slots)}


def _mean_of_slots(space: Space, kind: str, shares: list[Tensor]) -> list[float]:
    slots = [slot for slot, found in enumerate(space.slots) if found == kind]
    total = torch.zeros(max(len(shares[slot]) for slot in slots), dtype=torch.float64)
    for slot in slots:  # narrower slots offer the first of the same choices
        total[: len(shares[slot])] += shares[slot]
    return [round(share, DIGITS) for share in (total / len(slots)).tolist()]
