"""Sums, products, quotients and powers in canonical form: terms and factors flattened, collected and sorted.

Every step is an identity over the reals.
"""

from __future__ import annotations

from functools import reduce

from engine.language import printer
from engine.language.primitives import PRIMITIVES
from engine.language.tree import Binary, Node, Operand, Unary, constant, constant_value

Terms = dict[Node, float]
ZERO, ONE, _G = constant(0.0), constant(1.0), Operand("g")
_UNIT = ONE  # A sum's constant part is kept as a multiple of 1.
_LARGEST = PRIMITIVES["const"].parameters[0].high


def split(node: Node) -> tuple[float, Node]:
    """A coefficient and what it multiplies: −x is (−1, x), 2·x is (2, x), 3 is (3, 1)."""
    value = constant_value(node)
    if value is not None:
        return value, _UNIT
    if isinstance(node, Unary) and node.name == "neg":
        coefficient, rest = split(node.x)
        return -coefficient, rest
    if isinstance(node, Binary) and node.name == "*":
        value = constant_value(node.left)
        if value is not None:
            return value, node.right
    return 1.0, node


def times(coefficient: float, node: Node) -> Node:
    if coefficient == 0.0:
        return ZERO
    if node == _UNIT:
        return constant(coefficient)
    if abs(coefficient) == 1.0:
        return node if coefficient > 0 else Unary("neg", node)
    positive = Binary("*", constant(abs(coefficient)), node)
    return positive if coefficient > 0 else Unary("neg", positive)


def _key(node: Node) -> tuple[int, str]:
    return (0 if constant_value(node) is not None else 1, printer.text(node))


def _is_sum(node: Node) -> bool:
    return isinstance(node, Binary) and node.name in "+-"


def simplify_binary(node: Binary) -> Node:
    if node.name == "left":
        return node.left
    if node.name in "+-":
        return sum_of(terms(node), node)
    if node.name == "*":
        return _product(node)
    return _quotient(node) if node.name == "/" else _power(node)


def terms(node: Node, factor: float = 1.0) -> Terms:
    if _is_sum(node):
        assert isinstance(node, Binary)
        left = terms(node.left, factor)
        for term, coefficient in terms(node.right, factor if node.name == "+" else -factor).items():
            left[term] = left.get(term, 0.0) + coefficient
        return left
    coefficient, rest = split(node)
    if _is_sum(rest):
        return terms(rest, factor * coefficient)
    return {rest: factor * coefficient}


def sum_of(collected: Terms, otherwise: Node) -> Node:
    """Positive terms first, each kind sorted; a sum without a positive term is minus a sum."""
    if any(abs(coefficient) > _LARGEST for coefficient in collected.values()):
        return otherwise
    positive = sorted((times(c, term) for term, c in collected.items() if c > 0), key=_key)
    negative = sorted((times(-c, term) for term, c in collected.items() if c < 0), key=_key)
    if not positive:
        return negated(_chain("+", negative)) if negative else ZERO
    return reduce(lambda total, term: Binary("-", total, term), negative, _chain("+", positive))


def negated(node: Node) -> Node:
    coefficient, rest = split(node)
    return times(-coefficient, rest)


def _chain(name: str, nodes: list[Node]) -> Node:
    return reduce(lambda left, right: Binary(name, left, right), nodes)


def _factors(node: Node) -> tuple[float, list[Node]]:
    coefficient, rest = split(node)
    if isinstance(rest, Binary) and rest.name == "*":
        first, second = _factors(rest.left), _factors(rest.right)
        return coefficient * first[0] * second[0], first[1] + second[1]
    return coefficient, [] if rest == _UNIT else [rest]


def _product(node: Binary) -> Node:
    left, right = _factors(node.left), _factors(node.right)
    coefficient, factors = left[0] * right[0], _powers_of_g(left[1] + right[1])
    if coefficient == 0.0:
        return ZERO
    if abs(coefficient) > _LARGEST:
        return node
    if len(factors) == 1 and _is_sum(factors[0]):  # 2·(x + y) is 2·x + 2·y, as sums are written by their terms.
        return sum_of(terms(factors[0], coefficient), node)
    return times(coefficient, _chain("*", sorted(factors, key=_key)) if factors else _UNIT)


def _powers_of_g(factors: list[Node]) -> list[Node]:
    """g·g is g², g·g² is g³; higher powers are products of those."""
    powers: dict[Node, int] = {_G: 1, Operand("g2"): 2, Operand("g3"): 3}
    total = sum(powers.get(factor, 0) for factor in factors)
    rest = [factor for factor in factors if factor not in powers]
    own = [Operand("g3")] * (total // 3) + [[], [_G], [Operand("g2")]][total % 3]
    return own + rest


def _quotient(node: Binary) -> Node:
    """x / (y + δ): only the numerator's coefficient can move, as δ is added to the whole denominator."""
    coefficient, rest = split(node.left)
    if coefficient == 0.0:
        return ZERO
    sign = 1.0 if coefficient > 0 else -1.0
    return times(sign, Binary("/", times(abs(coefficient), rest), node.right, node.values))


def _power(node: Binary) -> Node:
    exponent = constant_value(node.right)
    if exponent == 1.0:
        return node.left
    if exponent == 0.0 or node.left == ONE:
        return ONE
    if exponent == 2.0:
        return _product(Binary("*", node.left, node.left))
    if exponent == 3.0:
        return _product(Binary("*", node.left, _product(Binary("*", node.left, node.left))))
    return node
