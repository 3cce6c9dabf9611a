"""The ways in which a canonical tree is a binary function of two trees: b(left, right) has the same canonical form.

Sums are split by their terms, products by their factors, coefficients by what they are sums and products of; the
inverse of what `engine.language.algebra` collects.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from itertools import product
from typing import NamedTuple

from engine.language.algebra import ONE, ZERO, Terms, simplify_binary, split, sum_of, terms
from engine.language.tree import Binary, Node, Operand, Unary, constant

MOST_PARTS = 8  # terms of a sum or factors of a product that are shared out; longer ones are split by their front only
_G_POWERS = {Operand("g2"): 2, Operand("g3"): 3}


class Split(NamedTuple):
    """One way to write a tree; of `left` the right half is whatever one likes."""

    left: Node
    right: Node | None


def splits(tree: Node, binary: str, values: tuple[float, ...], is_plain: bool) -> Iterator[Split]:
    """Ways to write a canonical tree with that function (and its parameters) on top, likely ones first.

    Args:
        is_plain: only ways along the tree itself; not those that shift coefficients, or add 0 and multiply by 1.
    """
    ways = {"left": _left, "+": _plus, "-": _minus, "*": _times, "^": _power}
    if binary == "/":
        yield from _over(tree, values)
    else:
        yield from (Split(left, right) for left, right in ways[binary](tree, is_plain))


def _left(tree: Node, is_plain: bool) -> Iterator[tuple[Node, Node | None]]:
    yield tree, None


def _plus(tree: Node, is_plain: bool) -> Iterator[tuple[Node, Node | None]]:
    for one, two in _shares(terms(tree), is_plain):
        yield _sum(one), _sum(two)
    if not is_plain:
        yield tree, ZERO


def _minus(tree: Node, is_plain: bool) -> Iterator[tuple[Node, Node | None]]:
    if tree == ZERO:
        yield ONE, ONE
        yield Operand("g"), Operand("g")
    for one, two in _shares(terms(tree), is_plain):
        yield _sum(one), negative(_sum(two))
        yield _sum(two), negative(_sum(one))
    if not is_plain:
        yield tree, ZERO
        yield ZERO, negative(tree)


def _times(tree: Node, is_plain: bool) -> Iterator[tuple[Node, Node | None]]:
    coefficient, factors = _factors(tree)
    for share in product((True, False), repeat=min(len(factors), MOST_PARTS)):
        one = [f for f, first in zip(factors, share, strict=False) if first] + factors[MOST_PARTS:]
        two = [f for f, first in zip(factors, share, strict=False) if not first]
        for a, b in _coefficients(coefficient, is_plain):
            if (one or a != 1.0) and (two or b != 1.0):
                yield _product(a, one), _product(b, two)
    for c in {abs(value) for value in terms(tree).values()} - {0.0, 1.0}:
        yield constant(c), simplify_binary(Binary("*", constant(1 / c), tree))
    if not is_plain:
        yield tree, ONE
        yield constant(-1.0), negative(tree)


def _over(tree: Node, values: tuple[float, ...]) -> Iterator[Split]:
    coefficient, rest = split(tree)
    if isinstance(rest, Binary) and rest.name == "/" and rest.values == values and abs(coefficient) == 1.0:
        yield Split(rest.left if coefficient > 0 else negative(rest.left), rest.right)


def _power(tree: Node, is_plain: bool) -> Iterator[tuple[Node, Node | None]]:
    if isinstance(tree, Binary) and tree.name == "^":
        yield tree.left, tree.right
    if is_plain:
        return
    coefficient, factors = _factors(tree)
    for exponent in (2, 3):
        root = round(abs(coefficient) ** (1 / exponent), 12) * (1 if coefficient > 0 else -1)
        if factors and all(factors.count(f) % exponent == 0 for f in factors) and root**exponent == coefficient:
            parts = [f for f in dict.fromkeys(factors) for _ in range(factors.count(f) // exponent)]
            yield _product(root, parts), constant(exponent)
    yield tree, ONE


def _shares(whole: Terms, is_plain: bool) -> Iterator[tuple[Terms, Terms]]:
    """The terms shared out between two sums; a term may be split into two of the same."""
    items = list(whole.items())
    front = items[:MOST_PARTS]
    for share in product((True, False), repeat=len(front)):
        one = dict([item for item, first in zip(front, share, strict=True) if first] + items[MOST_PARTS:])
        two = dict(item for item, first in zip(front, share, strict=True) if not first)
        if one and two and 0.0 not in whole.values():
            yield one, two
    for term, coefficient in (item for item in front if abs(item[1]) > 1 and not is_plain):
        for part in {1.0, -1.0, 2.0, coefficient / 2} - {coefficient, 0.0}:
            rest = {**whole, term: coefficient - part}
            yield {term: part}, rest
            if len(items) > 1:
                yield {term: part, **{t: c for t, c in items if t != term}}, {term: coefficient - part}


def _coefficients(c: float, is_plain: bool) -> Iterator[tuple[float, float]]:
    """What the factors' coefficients may be that give c."""
    for a in dict.fromkeys((1.0, c) if is_plain else (1.0, c, -1.0, -c, 2.0, c / 2, -2.0)):
        if a:
            yield a, c / a


def _factors(tree: Node) -> tuple[float, list[Node]]:
    """Coefficient and factors; g² and g³ count as two and three factors g."""
    coefficient, rest = split(tree)
    if rest in _G_POWERS:
        return coefficient, [Operand("g")] * _G_POWERS[rest]
    if isinstance(rest, Binary) and rest.name == "*":
        one, two = _factors(rest.left), _factors(rest.right)
        return coefficient * one[0] * two[0], one[1] + two[1]
    return coefficient, [] if rest == ONE else [rest]


def _product(coefficient: float, factors: list[Node]) -> Node:
    start: Node = constant(coefficient)
    return reduce(lambda done, factor: simplify_binary(Binary("*", done, factor)), factors, start)


def _sum(part: Terms) -> Node:
    return sum_of(part, ZERO)


def negative(tree: Node) -> Node:
    """−x in canonical form."""
    return sum_of(terms(tree, -1.0), Unary("neg", tree))
