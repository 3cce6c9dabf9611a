"""Random numbers of an optimizer without a generator's state to save.

The draws of one parameter at one step depend on (seed, parameter, step) alone. So an optimizer that is saved and
loaded, copied or resumed continues with the very same noise, and nothing but the step has to be stored.
"""

from __future__ import annotations

import torch
from torch import Tensor

_MASK = 2**64 - 1


def draw_seed(seed: int, parameter: int, step: int) -> int:
    """63 well mixed bits (SplitMix64): torch's CPU generator looks only at the low 32."""
    z = (seed * 0x9E3779B97F4A7C15 + parameter * 0xD1B54A32D192ED03 + step * 0xABC98388FB8FAC03 + 1) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return (z ^ (z >> 31)) >> 1


def normal(like: Tensor, std: float, generator: torch.Generator) -> Tensor:
    """Gaussian noise of mean 0 in the shape of ``like``; ``std`` is the standard deviation."""
    return torch.empty_like(like).normal_(0.0, std, generator=generator)


def drop(x: Tensor, rate: float, like: Tensor, generator: torch.Generator) -> Tensor:
    """``x`` with entries set to 0 with probability ``rate``, each of the shape of ``like`` by itself; not rescaled."""
    keep = torch.empty_like(like).uniform_(generator=generator) >= rate
    return torch.where(keep, x, torch.zeros_like(x))
