"""Searches of controllers for the benchmark, and what is measured of each."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch

from benchmarks import controllers_table
from engine.config import SearchConfig
from engine.language import Rule
from engine.registry import CONTROLLERS, PRIMITIVE_SETS
from engine.search import OptimizerSearch, ProposedCandidate, ProposedRound

POWERSIGN = ("g", "m", "sign", "sign", "*", "#1", "g", "exp", "x", "*")
NOISE = 0.02  # standard deviation that is added to the share of PowerSign's tokens
TOP = 0.01  # the share of the best rules of the digits table that a search is to reach
LAST = 50

QUEUE = {"queue_size": 10, "queue_weight": 0.05}
PRIORS = {"uses_gradient": True, "no_repeated_unary": True}
VARIANTS: dict[str, dict[str, Any]] = {name: {"name": name} for name in CONTROLLERS}
VARIANTS |= {
    f"{name}, queue": {"name": name, "settings": QUEUE} for name in ("ppo", "trpo", "reinforce", "risk-seeking")
}
VARIANTS |= {f"{name}, priors": {"name": name, "priors": PRIORS} for name in ("ppo", "random")}
VARIANTS |= {f"{name}, redraws": {"name": name, "redraws": 5} for name in ("ppo", "reinforce", "evolution", "random")}
VARIANTS |= {f"ppo, entropy {c}": {"name": "ppo", "settings": {"entropy_coef": c}} for c in (0.005, 0.015)}
VARIANTS["ppo, queue, redraws"] = {"name": "ppo", "settings": QUEUE, "redraws": 5}


@dataclass(frozen=True, slots=True)
class Run:
    """One search: rewards (without noise) and distinct rules in the order of its candidates, and its cost."""

    rewards: list[float]
    fingerprints: list[str]
    goal: float  # the reward of a rule within the top
    round_seconds: float
    state_bytes: int

    @property
    def last(self) -> float:
        """Mean reward of the last candidates."""
        return sum(self.rewards[-LAST:]) / len(self.rewards[-LAST:])

    @property
    def best(self) -> float:
        return max(self.rewards)

    @property
    def needed(self) -> int:
        """Candidates until a rule within the top; the budget where none was found."""
        found = (number for number, reward in enumerate(self.rewards, 1) if reward >= self.goal)
        return next(found, len(self.rewards))

    @property
    def reached(self) -> bool:
        return self.best >= self.goal

    @property
    def duplicates(self) -> int:
        """Candidates whose rule an earlier candidate has: they are not trained."""
        return len(self.fingerprints) - len(set(self.fingerprints))


@dataclass(frozen=True, slots=True)
class Part:
    primitives: Callable[[], dict[str, tuple[str, ...]]]
    reward: Callable[[ProposedCandidate], float]
    goal: Callable[[], float]
    noise: float


def play(part: str, variant: str, seed: int, budget: int) -> Run:
    search = OptimizerSearch(_config(part, variant, seed, budget))
    started = time.perf_counter()
    candidates = _searched(search, PARTS[part])
    seconds = (time.perf_counter() - started) / search.rounds_observed
    rewards = [PARTS[part].reward(candidate) for candidate in candidates]
    fingerprints = [candidate.fingerprint for candidate in candidates]
    return Run(rewards, fingerprints, PARTS[part].goal(), seconds, len(search.save()))


def _config(part: str, variant: str, seed: int, budget: int) -> SearchConfig:
    return SearchConfig.model_validate(
        {
            "primitives": PARTS[part].primitives(),
            "controller": {"redraws": 0, **VARIANTS[variant]},
            "screening": {"enabled": False},  # the controllers alone are measured
            "seed": seed,
            "budget": budget,
        }
    )


def _searched(search: OptimizerSearch, part: Part) -> list[ProposedCandidate]:
    """All candidates in their order; the controller gets their rewards with the part's noise."""
    noise = torch.Generator().manual_seed(search.config.seed)
    waiting: list[ProposedRound] = []
    candidates: list[ProposedCandidate] = []
    while not search.is_finished:
        while (proposed := search.propose(lambda fingerprints: {})) is not None:
            waiting.append(proposed)
        oldest = waiting.pop(0)
        rewards = torch.tensor([part.reward(candidate) for candidate in oldest.candidates])
        noisy = rewards + part.noise * torch.randn(len(rewards), generator=noise)
        search.observe(oldest.number, noisy.tolist())
        candidates += oldest.candidates
    return candidates


def _paper() -> dict[str, tuple[str, ...]]:
    preset = PRIMITIVE_SETS["paper"]
    return {"operands": preset.operands, "unary": preset.unary, "binary": preset.binary}


def _small() -> dict[str, tuple[str, ...]]:
    table = controllers_table
    return {"operands": table.OPERANDS, "unary": table.UNARY, "binary": table.BINARY}


def _share(candidate: ProposedCandidate) -> float:
    return sum(a == b for a, b in zip(candidate.tokens, POWERSIGN, strict=True)) / len(POWERSIGN)


def _trained(candidate: ProposedCandidate) -> float:
    return controllers_table.rewards_by_fingerprint()[_fingerprint(candidate.text)]


@cache
def _fingerprint(text: str) -> str:
    return Rule.parse(text).fingerprint


def top_reward() -> float:
    """What a rule of the digits table earns at least that is within its top."""
    rewards = sorted(controllers_table.rewards_by_fingerprint().values(), reverse=True)
    return rewards[max(1, round(TOP * len(rewards))) - 1]


PARTS = {
    "synthetic": Part(_paper, _share, lambda: 0.9, NOISE),
    "digits": Part(_small, _trained, top_reward, 0.0),
}
