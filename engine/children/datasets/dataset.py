"""What every data set is to a training: three splits of examples that never overlap, with a target to guess each."""

from __future__ import annotations

from typing import Literal, Protocol, Self

import torch
from torch import Tensor

Split = Literal["train", "validation", "test"]


class Dataset(Protocol):
    """Examples on one device. ``images.py`` has images with a class each, ``text.py`` texts with their next letters."""

    @property
    def name(self) -> str: ...

    @property
    def shape(self) -> dict[str, int]:
        """What a network has to know to fit: the keywords that ``networks.build`` passes to it."""

    @property
    def device(self) -> torch.device: ...

    def count(self, split: Split) -> int:
        """Examples of a split."""

    def batch(self, split: Split, which: Tensor | slice) -> tuple[Tensor, Tensor]:
        """A network's input [n, …] and the targets int64 [targets]: as many as the network gives rows of logits."""

    def to(self, device: torch.device) -> Self:
        """The same data on another device."""
