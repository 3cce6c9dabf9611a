"""What each primitive computes, on tensors: one function a row of the table, and a test that none is missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.optim import decays, random_draws


@dataclass(slots=True)
class Step:
    """All that an operand may read at one step of one parameter; tensors have the parameter's shape.

    ``t`` counts from 0. ``averages`` holds what operands read, by its key: bias-corrected values of this step, or
    what the step before left. With ``shared_draws`` the first dimension is of members that share their random numbers.
    """

    g: Tensor
    w: Tensor
    t: int
    total: int
    averages: dict[str, Tensor]
    generator: torch.Generator | None
    shared_draws: bool = False

    @property
    def drawn(self) -> Tensor:
        """What random draws are shaped like."""
        return self.g[0] if self.shared_draws else self.g

    def constant(self, value: float) -> Tensor:
        """A 0-dimensional tensor, so that functions of constants work like any other."""
        return self.g.new_full((), value)

    def random(self) -> torch.Generator:
        assert self.generator is not None, "a rule that needs random numbers is given a generator"
        return self.generator


OperandFunction = Callable[..., Tensor]

OPERANDS: dict[str, OperandFunction] = {
    "g": lambda s: s.g,
    "g2": lambda s: s.g * s.g,
    "g3": lambda s: s.g * s.g * s.g,
    "m": lambda s, m: m,
    "v": lambda s, v: v,
    "gamma": lambda s, gamma: gamma,
    "const": lambda s, value: s.constant(value),
    "noise": lambda s, variance: random_draws.normal(s.drawn, variance**0.5, s.random()),
    "w": lambda s, scale: scale * s.w,
    "adam": lambda s, m, v, eps: m / (v.sqrt() + eps),
    "rmsprop": lambda s, v, eps: s.g / (v.sqrt() + eps),
    "lion": lambda s, m_before, beta1: torch.sign(m_before * beta1 + s.g * (1 - beta1)),
    "ld": lambda s: s.constant(decays.linear_decay(s.t, s.total)),
    "cd": lambda s, periods: s.constant(decays.cyclical_decay(s.t, s.total, periods)),
    "rd": lambda s, periods: s.constant(decays.restart_decay(s.t, s.total, periods)),
    "anneal": lambda s, power: random_draws.normal(s.drawn, (1 + s.t) ** (-0.5 * power), s.random()),
}

UNARIES: dict[str, Callable[..., Tensor]] = {
    "x": lambda x: x,
    "neg": torch.neg,
    "exp": torch.exp,
    "log": lambda x: torch.log(torch.abs(x)),
    "sqrt": lambda x: torch.sqrt(torch.abs(x)),
    "clip": lambda x, limit: torch.clamp(x, -limit, limit),
    "sign": torch.sign,
}

BINARIES: dict[str, Callable[..., Tensor]] = {
    "+": torch.add,
    "-": torch.sub,
    "*": torch.mul,
    "/": lambda x, y, delta: x / (y + delta),
    "^": torch.pow,
    "left": lambda x, y: x,
}
