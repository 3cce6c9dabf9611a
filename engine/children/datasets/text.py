"""Data sets of text: sequences of characters, in which every next character is a target."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from engine.children.datasets.dataset import Split

# Printable ASCII and the line break, each with a number; every other character shares the last one.
CHARACTERS = "\n" + "".join(map(chr, range(32, 127)))
OTHER = len(CHARACTERS)
CLASSES = OTHER + 1


@dataclass(frozen=True, slots=True)
class TextDataset:
    """Each split holds sequences uint8 [n, length + 1]: the first ``length`` characters are read, the last ones told.

    A sequence's last character is the next one's first, so that no character of the text is left unasked.
    """

    name: str
    train: Tensor
    validation: Tensor
    test: Tensor

    @property
    def shape(self) -> dict[str, int]:
        return {"length": self.train.shape[1] - 1, "classes": CLASSES}

    @property
    def device(self) -> torch.device:
        return self.train.device

    def count(self, split: Split) -> int:
        return len(self._sequences(split))

    def batch(self, split: Split, which: Tensor | slice) -> tuple[Tensor, Tensor]:
        """Characters int64 [n, length], and the one after each, [n · length]."""
        sequences = self._sequences(split)[which].long()
        return sequences[:, :-1], sequences[:, 1:].flatten()

    def to(self, device: torch.device) -> TextDataset:
        return replace(
            self, train=self.train.to(device), validation=self.validation.to(device), test=self.test.to(device)
        )

    def _sequences(self, split: Split) -> Tensor:
        return {"train": self.train, "validation": self.validation, "test": self.test}[split]


def numbered(text: str) -> Tensor:
    """uint8 [characters]: each character's number, 0 to ``CLASSES`` − 1."""
    numbers = np.full(128, OTHER, dtype=np.uint8)
    numbers[np.frombuffer(CHARACTERS.encode("ascii"), np.uint8)] = np.arange(OTHER)
    codes = np.frombuffer(text.encode("utf-32-le"), np.uint32)  # [characters]
    return torch.from_numpy(np.where(codes < 128, numbers[np.minimum(codes, 127)], np.uint8(OTHER)))


def sequences(characters: Tensor, count: int, length: int) -> Tensor:
    """The first ``count`` sequences of a text: [count · length + 1 or more] -> [count, length + 1]."""
    return characters[: count * length + 1].unfold(0, length + 1, length).contiguous()
