"""The primitives that can be drawn as one curve, as plain functions of one number: no torch in the web process.

A test holds each of them to engine.optim's tensor function, and that every unary function and every decay is here.
Sources: the table engine.language.primitives; decays: TensorFlow contrib opt, training/sign_decay.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

STEPS = 1000  # T of the drawn decays: their shape over t/T is the same for any T

Function = Callable[..., float]


@dataclass(frozen=True, slots=True)
class Drawn:
    """How a primitive is drawn.

    Attributes:
        value: of x (or t) and the primitive's parameters; not a number or infinite where there is a gap.
        low, high: the range of x, in units of `scale`.
        scale: the name of a parameter whose value the range is multiplied by: a clip of 10⁻³ is seen near 10⁻³.
        second: another value that the primitive takes at random, where there is one.
    """

    value: Function
    low: float
    high: float
    x: str = "x"
    scale: str = ""
    second: Function | None = None


def _log(x: float) -> float:
    return math.log(abs(x)) if x else -math.inf


def _clip(x: float, limit: float) -> float:
    return max(-limit, min(limit, x))


def _sign(x: float) -> float:
    return float((x > 0) - (x < 0))


def _linear(t: float) -> float:
    return max(0.0, (STEPS - min(t, STEPS)) / STEPS)


def _cyclical(t: float, periods: float) -> float:
    return 0.5 * (1.0 + math.cos(2.0 * math.pi * periods * min(t, STEPS) / STEPS))


def _restart(t: float, periods: float) -> float:
    return 0.5 * (1.0 + math.cos(math.pi * ((min(t, STEPS) * periods) % STEPS) / STEPS))


def _annealed(t: float, power: float) -> float:
    """The standard deviation: the primitive's parameter is the power of the variance."""
    return float((1.0 + t) ** (-0.5 * power))


DRAWN: dict[str, Drawn] = {
    "x": Drawn(lambda x: x, -3, 3),
    "neg": Drawn(lambda x: -x, -3, 3),
    "exp": Drawn(math.exp, -3, 2),
    "log": Drawn(_log, -3, 3),
    "sqrt": Drawn(lambda x: math.sqrt(abs(x)), -3, 3),
    "clip": Drawn(_clip, -3, 3, scale="limit"),
    "drop": Drawn(lambda x, rate: x, -3, 3, second=lambda x, rate: 0.0),
    "sign": Drawn(_sign, -3, 3),
    "g2": Drawn(lambda g: g * g, -2, 2, x="g"),
    "g3": Drawn(lambda g: g**3, -2, 2, x="g"),
    "ld": Drawn(_linear, 0, STEPS, x="t"),
    "cd": Drawn(_cyclical, 0, STEPS, x="t"),
    "rd": Drawn(_restart, 0, STEPS, x="t"),
    "anneal": Drawn(_annealed, 0, 100, x="t"),
}
