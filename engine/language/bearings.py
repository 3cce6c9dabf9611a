"""What can be said of a rule from its tree alone: the range of its values, where it points, how it scales.

Everything here holds for every gradient and every step; where that cannot be told, the answer is None.
"""

from __future__ import annotations

import math

from engine.language.tree import Binary, Node, Operand, Unary, children

Range = tuple[float, float]
_ANY: Range = (-math.inf, math.inf)
_NEVER_NEGATIVE: Range = (0.0, math.inf)
_RANGES: dict[str, Range] = {
    "g2": _NEVER_NEGATIVE, "v": _NEVER_NEGATIVE, "lion": (-1, 1), "ld": (0, 1), "cd": (0, 1), "rd": (0, 1),
}  # fmt: skip
# Power of the gradient's scale: with every gradient c times as large, the operand is c^degree times as large.
_DEGREES = {
    "g": 1, "g2": 2, "g3": 3, "m": 1, "v": 2, "gamma": 3, "adam": 0, "rmsprop": 0, "lion": 0, "const": 0, "noise": 0,
    "w": 0, "ld": 0, "cd": 0, "rd": 0, "anneal": 0,
}  # fmt: skip
# The operand whose sign an operand has: Adam's update has the sign of m, RMSProp's that of g.
_POINTERS = {"g": "g", "g3": "g", "rmsprop": "g", "m": "m", "adam": "m", "gamma": "gamma", "lion": "lion", "w": "w"}


def value_range(node: Node) -> Range:
    """Bounds of every entry; infinite where there are none."""
    if isinstance(node, Operand):
        return (node.values[0], node.values[0]) if node.name == "const" else _RANGES.get(node.name, _ANY)
    if isinstance(node, Unary):
        return _of_unary(node, value_range(node.x))
    return _of_binary(node, value_range(node.left), value_range(node.right))


def _of_unary(node: Unary, x: Range) -> Range:
    low, high = x
    size = (0.0 if low <= 0 <= high else min(abs(low), abs(high)), max(abs(low), abs(high)))
    match node.name:
        case "neg":
            return -high, -low
        case "exp":
            return _exp(low), _exp(high)
        case "sqrt":
            return math.sqrt(size[0]), math.sqrt(size[1])
        case "clip":
            limit = node.values[0]
            return max(-limit, min(low, limit)), max(-limit, min(high, limit))
        case "sign":
            return float(0 if low == 0 else math.copysign(1, low)), float(0 if high == 0 else math.copysign(1, high))
        case "drop":
            return min(0.0, low), max(0.0, high)
        case "x":
            return x
    return _ANY


def _of_binary(node: Binary, x: Range, y: Range) -> Range:
    match node.name:
        case "+":
            return x[0] + y[0], x[1] + y[1]
        case "-":
            return x[0] - y[1], x[1] - y[0]
        case "*":
            if node.left == node.right:
                return 0.0, _product(*(2 * (max(abs(x[0]), abs(x[1])),)))
            products = [_product(a, b) for a in x for b in y]
            return min(products), max(products)
        case "/":
            return _NEVER_NEGATIVE if x[0] >= 0 and y[0] >= 0 else _ANY
        case "^":
            return _NEVER_NEGATIVE if x[0] >= 0 else _ANY
        case "left":
            return x
    return _ANY


def _exp(value: float) -> float:
    return math.inf if value > 700 else math.exp(value)


def _product(a: float, b: float) -> float:
    return 0.0 if a == 0 or b == 0 else a * b  # 0 · ∞ is 0: no value is infinite, only its bound


def degree(node: Node) -> float | None:
    """d: with all gradients c > 0 times as large, it is c^d times as large (ε and δ aside). None: no such power."""
    if isinstance(node, Operand):
        return _DEGREES.get(node.name)
    parts = [degree(child) for child in children(node)]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return 0 if node.name == "sign" and _keeps_its_sign(node) else None
    match node.name:
        case "neg" | "x" | "drop" | "left":
            return known[0]
        case "sign":
            return 0
        case "sqrt":
            return known[0] / 2
        case "exp" | "log" | "clip":
            return 0 if known[0] == 0 else None
        case "+" | "-":
            return known[0] if known[0] == known[1] else None
        case "*":
            return known[0] + known[1]
        case "/":
            return known[0] - known[1]
        case "^" if isinstance(node, Binary):
            exponent = node.right.values[0] if isinstance(node.right, Operand) and node.right.name == "const" else None
            return known[0] * exponent if exponent is not None else (0 if known == [0, 0] else None)
    return None


def _keeps_its_sign(node: Node) -> bool:
    """The sign of something that points as one operand does, however that is scaled."""
    return pointer(node) is not None


def pointer(node: Node) -> tuple[str, int] | None:
    """(name, s): each entry has s times the sign of this operand's entry, or is 0. Names: g, m, gamma, w, lion."""
    if isinstance(node, Operand):
        return (_POINTERS[node.name], 1) if node.name in _POINTERS else None
    if isinstance(node, Unary):
        inner = pointer(node.x)
        if inner is None or node.name not in ("neg", "sign", "clip", "drop", "x"):
            return None
        return inner[0], -inner[1] if node.name == "neg" else inner[1]
    if node.name in ("*", "/"):
        return _of_product(node)
    if node.name in ("+", "-"):
        return _of_sum(node)
    return pointer(node.left) if node.name == "left" else None


def _of_product(node: Binary) -> tuple[str, int] | None:
    """One side points, the other never changes its sign. Of a quotient x / (y + δ) that is x, with y never negative."""
    sides = [(node.left, node.right), (node.right, node.left)]
    for side, other in sides if node.name == "*" else sides[:1]:
        found, sign = pointer(side), _fixed_sign(other)
        if node.name == "/" and sign < 0:  # δ could turn a small one around
            return None
        if found is not None and sign:
            return found[0], found[1] * sign
    return None


def _of_sum(node: Binary) -> tuple[str, int] | None:
    left, right = pointer(node.left), pointer(node.right)
    if left is None or right is None:
        return None
    turned = (right[0], -right[1]) if node.name == "-" else right
    return left if left == turned else None


def _fixed_sign(node: Node) -> int:
    """1: never negative; −1: never positive; 0: either."""
    low, high = value_range(node)
    return 1 if low >= 0 else -1 if high <= 0 else 0
