"""Regularized evolution (Real et al. 2019, algorithm 1): the best of a random sample has a child, the oldest dies."""

from __future__ import annotations

from collections import deque
from typing import Any

import torch
from torch import Tensor

from engine.controllers.contract import Batch
from engine.controllers.masks import Masks
from engine.controllers.random import RandomController
from engine.language import Space
from engine.registry.controllers import EvolutionSettings

Member = tuple[list[int], float]
MUTANTS = 50


class EvolutionController:
    """Draws at random until the population is full, then mutates one token of each tournament's winner."""

    def __init__(self, space: Space, settings: EvolutionSettings, seed: int, masks: Masks | None = None) -> None:
        self.settings = settings
        self.random = RandomController(space, settings, seed, masks)
        self.population: deque[Member] = deque(maxlen=settings.population)

    @property
    def generator(self) -> torch.Generator:
        return self.random.generator

    def propose(self, n: int) -> Batch:
        """Log-probabilities are those of the random draw: evolution has no policy to tell them."""
        if len(self.population) < self.settings.population:
            return self.random.propose(n)
        tokens = torch.tensor([self._child() for _ in range(n)])
        return Batch(tokens, self.logprobs(tokens))

    def logprobs(self, tokens: Tensor) -> Tensor:
        return self.random.logprobs(tokens)

    def observe(self, batch: Batch, rewards: list[float | None]) -> dict[str, float]:
        for row, reward in zip(batch.tokens.tolist(), rewards, strict=True):
            if reward is not None:
                self.population.append((row, reward))
        return {"entropy": self._diversity()}

    def _child(self) -> list[int]:
        """A mutant of a tournament's winner that obeys the priors; after many that do not, a random draw."""
        for _ in range(MUTANTS):
            row = self._mutated(self._winner())
            if self.random.masks.obeys(row):
                return row
        drawn: list[int] = self.random.propose(1).tokens[0].tolist()
        return drawn

    def _winner(self) -> list[int]:
        places = self._draw(len(self.population), self.settings.tournament)
        return max((self.population[int(place)] for place in places), key=lambda member: member[1])[0]

    def _mutated(self, row: list[int]) -> list[int]:
        """One token becomes another one; a slot with a single choice stays as it is."""
        slot = int(self._draw(len(row), 1))
        width = self.random.widths[slot]
        shift = int(self._draw(width - 1, 1)) + 1 if width > 1 else 0
        return [*row[:slot], (row[slot] + shift) % width, *row[slot + 1 :]]

    def _draw(self, width: int, n: int) -> Tensor:
        return torch.randint(width, (n,), generator=self.generator)

    def _diversity(self) -> float:
        """Entropy (nats a rule) of the population's tokens, slot by slot."""
        if len(self.population) < 2:
            return self.random.entropy
        tokens = torch.tensor([row for row, _ in self.population])  # [members, slots]
        total = 0.0
        for column in tokens.T:
            shares = torch.bincount(column) / len(column)
            total -= float((shares[shares > 0] * shares[shares > 0].log()).sum())
        return total

    def preferences(self) -> list[Tensor]:
        """Shares in the population that it breeds from; those of the random draw until the population is full."""
        if len(self.population) < self.settings.population:
            return self.random.preferences()
        tokens = torch.tensor([row for row, _ in self.population])  # [members, slots]
        return [
            torch.bincount(column, minlength=width) / len(column)
            for column, width in zip(tokens.T, self.random.widths, strict=True)
        ]

    def state_dict(self) -> dict[str, Any]:
        members = [(list(row), reward) for row, reward in self.population]
        return {"random": self.random.state_dict(), "population": members}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.random.load_state_dict(state["random"])
        self.population.clear()
        self.population.extend((list(row), float(reward)) for row, reward in state["population"])
