"""The queue of the best rules, for priority queue training (Abolafia et al. 2018, arXiv 1801.03526, section 3)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from engine.language import Rule, Space


class BestRules:
    """The best distinct rules so far, each by the token string that wrote it first; best first, of equals the older."""

    def __init__(self, space: Space, size: int) -> None:
        self.space, self.size = space, size
        self.members: list[tuple[float, list[int], str]] = []  # reward, token string, fingerprint

    def add(self, tokens: Tensor, rewards: Tensor) -> None:
        """Rules [n, slots] and their rewards [n]; one that is known keeps the better of its rewards."""
        if self.size == 0:
            return
        for row, reward in zip(tokens.tolist(), rewards.tolist(), strict=True):
            self._add(row, reward)

    def _add(self, row: list[int], reward: float) -> None:
        if len(self.members) == self.size and reward <= self.members[-1][0]:
            return
        fingerprint = Rule.from_tokens([self.space.choices(slot)[i] for slot, i in enumerate(row)]).fingerprint
        known = next((member for member in self.members if member[2] == fingerprint), None)
        if known is not None:
            if reward <= known[0]:
                return
            self.members.remove(known)
        self.members.append((reward, known[1] if known else row, fingerprint))
        self.members.sort(key=lambda member: -member[0])  # stable: of equal rewards, the older stays first
        del self.members[self.size :]

    @property
    def tokens(self) -> Tensor:
        """[members, slots]"""
        return torch.tensor([row for _, row, _ in self.members])

    def state(self) -> list[tuple[float, list[int], str]]:
        return [(reward, list(row), fingerprint) for reward, row, fingerprint in self.members]

    def load(self, state: list[Any]) -> None:
        self.members = [(float(reward), list(row), str(fingerprint)) for reward, row, fingerprint in state]
