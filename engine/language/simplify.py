"""Unary functions in canonical form: what is left of one when its argument has a certain form."""

from __future__ import annotations

from collections.abc import Callable

from engine.language.algebra import ONE, split, sum_of, terms, times
from engine.language.tree import Node, Operand, Unary, constant, constant_value


def simplify_unary(node: Unary) -> Node:
    rewrite = _UNARY.get(node.name)
    return rewrite(node) if rewrite else node


def _negative(node: Unary) -> tuple[Node, bool]:
    """The argument without its minus sign, and whether it had one."""
    inner = node.x
    value = constant_value(inner)
    if value is not None and value < 0:
        return constant(-value), True
    if isinstance(inner, Unary) and inner.name == "neg":
        return inner.x, True
    return inner, False


def _odd(node: Unary) -> Node:
    """f(−x) = −f(x): the minus sign moves outwards."""
    inner, negative = _negative(node)
    result = Unary(node.name, inner, node.values, node.draw)
    return Unary("neg", result) if negative else result


def _even(node: Unary) -> Node:
    return Unary(node.name, _negative(node)[0], node.values, node.draw)


def _neg(node: Unary) -> Node:
    return sum_of(terms(node.x, -1.0), node)


def _sign(node: Unary) -> Node:
    coefficient, rest = split(node.x)
    if coefficient == 0.0 or rest == ONE:
        return constant((coefficient > 0) - (coefficient < 0))
    result = _sign_of(rest)
    return result if coefficient > 0 else times(-1.0, result)


def _sign_of(node: Node) -> Node:
    """sign looks through functions that keep the sign, and knows those that have only one."""
    if isinstance(node, Unary):
        if node.name == "sign":
            return node
        if node.name == "clip":
            return _sign_of(node.x)
        if node.name == "exp":
            return ONE
    if node == Operand("g3"):
        return Unary("sign", Operand("g"))
    if isinstance(node, Operand) and node.name == "w":
        return Unary("sign", Operand("w", (1.0,)))
    return Unary("sign", node)


def _clip(node: Unary) -> Node:
    if isinstance(node.x, Unary) and node.x.name == "clip":
        return Unary("clip", node.x.x, (min(node.values[0], node.x.values[0]),))
    value = constant_value(node.x)
    if value is not None:
        return constant(max(-node.values[0], min(node.values[0], value)))
    return _odd(node)


def _drop(node: Unary) -> Node:
    """A mask commutes with a factor: drop(c·x) = c·drop(x)."""
    coefficient, rest = split(node.x)
    if node.values[0] == 0.0 or coefficient == 0.0:
        return node.x
    return times(coefficient, Unary("drop", rest, node.values, node.draw))


_UNARY: dict[str, Callable[[Unary], Node]] = {
    "x": lambda node: node.x,
    "neg": _neg,
    "sign": _sign,
    "clip": _clip,
    "drop": _drop,
    "sqrt": _even,
    "log": _even,
}
