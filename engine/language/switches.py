"""Factors that only switch: made of numbers, decays and signs, so that they take a few values, which can be said.

`exp(sign(g) * sign(m))` is e where the two agree in sign and 1/e where they disagree: the factor of PowerSign.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.language import phrases
from engine.language.tree import Binary, Node, Operand, Unary, constant_value, walk

DECAYS = ("ld", "cd", "rd")


@dataclass(frozen=True, slots=True)
class Switch:
    """A factor that depends on one sign, or on whether two signs agree.

    Attributes:
        signs: the phrases of what has the signs, one or two.
        values: the factor where the sign is positive (or the two agree) and where it is negative (or they disagree),
            with every decay at 1.
        faded: the same with every decay at 0; None without a decay.
        decay: the decay's phrase, empty without one.
    """

    signs: tuple[str, ...]
    values: tuple[float, float]
    faded: tuple[float, float] | None
    decay: str


def switch(node: Node) -> Switch | None:
    """None where the node depends on anything but one or two signs, or on two in another way than by agreement."""
    signs = list(dict.fromkeys(one for one in walk(node) if isinstance(one, Unary) and one.name == "sign"))
    decays = list(dict.fromkeys(one for one in walk(node) if isinstance(one, Operand) and one.name in DECAYS))
    if not 1 <= len(signs) <= 2 or any(not isinstance(one.x, Operand) for one in signs) or len(decays) > 1:
        return None
    values = _values(node, signs, 1.0)
    faded = _values(node, signs, 0.0) if decays else None
    if values is None or (decays and faded is None):
        return None
    said = tuple(phrases.operand(one.x) for one in signs if isinstance(one.x, Operand))
    return Switch(said, values, faded, phrases.operand(decays[0]) if decays else "")


def _values(node: Node, signs: list[Unary], decay: float) -> tuple[float, float] | None:
    """For a positive and a negative sign, or for two that agree and that disagree."""
    if len(signs) == 1:
        cases = [[{signs[0]: 1.0}], [{signs[0]: -1.0}]]
    else:
        first, second = signs
        cases = [[{first: s, second: s * t} for s in (1.0, -1.0)] for t in (1.0, -1.0)]
    found = []
    for worlds in cases:
        values = [_value(node, world, decay) for world in worlds]
        if values[0] is None or not math.isfinite(values[0]) or any(value != values[0] for value in values):
            return None
        found.append(values[0])
    return found[0], found[1]


def _value(node: Node, signs: dict[Unary, float], decay: float) -> float | None:
    if isinstance(node, Operand):
        return decay if node.name in DECAYS else constant_value(node)
    if isinstance(node, Unary):
        return signs[node] if node in signs else _of_unary(node.name, _value(node.x, signs, decay))
    return _of_binary(node, _value(node.left, signs, decay), _value(node.right, signs, decay))


def _of_unary(name: str, x: float | None) -> float | None:
    if x is None or (name == "exp" and x > 700):
        return None
    return {"x": x, "neg": -x, "exp": math.exp(min(x, 700)), "sqrt": math.sqrt(abs(x))}.get(name)


def _of_binary(node: Binary, x: float | None, y: float | None) -> float | None:
    if x is None or y is None:
        return None
    match node.name:
        case "+":
            return x + y
        case "-":
            return x - y
        case "*":
            return x * y
        case "/":
            return x / (y + node.values[0]) if y + node.values[0] else None
        case "^":
            return x**y if x > 0 else None
    return None
