"""The fixed inputs on which rules are looked at before any training: gradients and weights, the same everywhere.

They come from Python's own generator and its normal distribution, whose numbers do not change with torch's version,
the number of threads or the machine. A gradient is a lasting part and a fresh one of the same size, as a minibatch's
is, so that running averages mean something.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist

import torch
from torch import Tensor

STEPS = 8  # that every probe takes; they stand for these steps of a training of TOTAL, so that decays run their course
TIMES = (0, 1, 1511, 3001, 4507, 6011, 7507, 9001)
TOTAL = 10007  # a prime, at whose parts no two numbers of periods look alike
DIMENSIONS = 25  # ENOS (NeurIPS 2022): 25 probes of 25 dimensions
PROBES = 25
SIZES = tuple(10.0**power for power in range(-8, 3))  # of gradients: 10⁻⁸ … 10²
DESCENT_SIZES = (1e-3, 1e-2, 1e-1, 1.0)  # children's gradients mostly lie about the middle of these
WEIGHT_SIZE = 0.1
SEED = 2017


@dataclass(frozen=True, slots=True)
class Block:
    """Entries that have gradients of one size; 0: weights whose gradient is always, or becomes, exactly zero."""

    size: float
    start: int
    stop: int

    def of(self, values: Tensor) -> Tensor:
        """[..., n] -> [..., entries of this block]"""
        return values[..., self.start : self.stop]


@dataclass(frozen=True)
class ProbeSet:
    """Gradients [STEPS, n] and weights [n], float64, in blocks of one size each."""

    gradients: Tensor
    weights: Tensor
    blocks: tuple[Block, ...]

    @cached_property
    def with_other_gradients(self) -> ProbeSet:
        """The same weights; every entry has its neighbour's gradients."""
        return ProbeSet(self.gradients.roll(1, dims=-1), self.weights, self.blocks)

    def block(self, size: float) -> Block:
        return next(block for block in self.blocks if block.size == size)


def build_probes() -> ProbeSet:
    """The one set: a block of zeros, one for each size, and more probes where descent is measured."""
    draws = random.Random(SEED)
    blocks, gradients, start = [], [], 0
    for size in (0.0, *SIZES):
        entries = DIMENSIONS * (PROBES if size in DESCENT_SIZES else 1)
        gradients.append(_zeros(draws) if size == 0.0 else size * _gradients(draws, entries))
        blocks.append(Block(size, start, start + entries))
        start += entries
    weights = WEIGHT_SIZE * _normal(draws, 1, start)[0]
    return ProbeSet(torch.cat(gradients, dim=1), weights, tuple(blocks))


def _gradients(draws: random.Random, entries: int) -> Tensor:
    """[STEPS, entries] of size 1."""
    return (_normal(draws, 1, entries) + _normal(draws, STEPS, entries)) * math.sqrt(0.5)


def _zeros(draws: random.Random) -> Tensor:
    """[STEPS, DIMENSIONS]: always zero in the first half; in the second zero at every other step."""
    gradients = 1e-2 * _gradients(draws, DIMENSIONS)
    gradients[:, : DIMENSIONS // 2] = 0.0
    gradients[1::2] = 0.0
    return gradients


def _normal(draws: random.Random, rows: int, columns: int) -> Tensor:
    normal = NormalDist()
    # Between the ends of (0, 1), as the ends themselves have no quantile.
    numbers = [normal.inv_cdf((draws.random() * 0.999998) + 1e-6) for _ in range(rows * columns)]
    return torch.tensor(numbers, dtype=torch.float64).view(rows, columns)
