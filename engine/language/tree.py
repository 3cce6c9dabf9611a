"""The expression tree of a rule: immutable nodes that compare and hash by what they compute.

Operands are computed once a step, so equal operands are equal values, noise included. ``drop`` draws a new mask at
each place where it is written; its node carries the number of its draw, so that a group's result that is used
twice is one draw and two written drops are two.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.language.primitives import PRIMITIVES, Primitive

Values = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Operand:
    name: str
    values: Values = ()

    @property
    def primitive(self) -> Primitive:
        return PRIMITIVES[self.name]


@dataclass(frozen=True, slots=True)
class Unary:
    name: str
    x: Node
    values: Values = ()
    draw: int = 0

    @property
    def primitive(self) -> Primitive:
        return PRIMITIVES[self.name]


@dataclass(frozen=True, slots=True)
class Binary:
    name: str
    left: Node
    right: Node
    values: Values = ()

    @property
    def primitive(self) -> Primitive:
        return PRIMITIVES[self.name]


Node = Operand | Unary | Binary


def constant(value: float) -> Operand:
    return Operand("const", (float(value),))


def constant_value(node: Node) -> float | None:
    """The number that a constant node stands for, None for any other node."""
    return node.values[0] if isinstance(node, Operand) and node.name == "const" else None


def children(node: Node) -> tuple[Node, ...]:
    if isinstance(node, Unary):
        return (node.x,)
    return (node.left, node.right) if isinstance(node, Binary) else ()


def walk(node: Node) -> Iterator[Node]:
    """Every node of the tree in post-order, shared parts as often as they are used."""
    for child in children(node):
        yield from walk(child)
    yield node


def is_draw(node: Node) -> bool:
    """Whether the node draws its own random numbers at each place where it is written."""
    return isinstance(node, Unary) and "random" in node.primitive.needs
