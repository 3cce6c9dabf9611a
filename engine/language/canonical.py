"""The canonical form of a rule: when two rules are one, their canonical trees are equal.

Sums become linear combinations of their terms and products one coefficient times sorted factors, both flattened;
minus signs move outwards; identities, `left` and repeated functions go. Every step is an algebraic
identity over the reals (floating-point rounding and the fate of infinities may differ by the order of operations), so
the canonical form is what is trained, shown and exported. Chen et al. (Lion, arXiv 2302.06675) report about ten
times fewer trainings from recognising equal programs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

from engine.language import printer
from engine.language.primitives import PRIMITIVES
from engine.language.tree import Binary, Node, Operand, Unary, constant, constant_value, is_draw, walk

Terms = dict[Node, float]
_ZERO, _ONE, _G = constant(0.0), constant(1.0), Operand("g")
_UNIT = _ONE  # A sum's constant part is kept as a multiple of 1.
_LARGEST = PRIMITIVES["const"].parameters[0].high


def canonical(tree: Node) -> Node:
    """The canonical tree; applying it twice changes nothing."""
    for _ in range(8):  # A rewrite can open the way for another; three passes have been the most seen.
        simpler = _renumbered(_simplify(tree, {}))
        if simpler == tree:
            break
        tree = simpler
    return tree


def _simplify(node: Node, done: dict[Node, Node]) -> Node:
    if node not in done:
        if isinstance(node, Unary):
            done[node] = _unary(Unary(node.name, _simplify(node.x, done), node.values, node.draw))
        elif isinstance(node, Binary):
            done[node] = _binary(
                Binary(node.name, _simplify(node.left, done), _simplify(node.right, done), node.values)
            )
        else:
            done[node] = node
    return done[node]


def _split(node: Node) -> tuple[float, Node]:
    """A coefficient and what it multiplies: −x is (−1, x), 2·x is (2, x), 3 is (3, 1)."""
    value = constant_value(node)
    if value is not None:
        return value, _UNIT
    if isinstance(node, Unary) and node.name == "neg":
        coefficient, rest = _split(node.x)
        return -coefficient, rest
    if isinstance(node, Binary) and node.name == "*":
        value = constant_value(node.left)
        if value is not None:
            return value, node.right
    return 1.0, node


def _times(coefficient: float, node: Node) -> Node:
    if coefficient == 0.0:
        return _ZERO
    if node == _UNIT:
        return constant(coefficient)
    if abs(coefficient) == 1.0:
        return node if coefficient > 0 else Unary("neg", node)
    positive = Binary("*", constant(abs(coefficient)), node)
    return positive if coefficient > 0 else Unary("neg", positive)


def _key(node: Node) -> tuple[int, str]:
    return (0 if constant_value(node) is not None else 1, printer.text(node))


# Unary functions: what is left of one when its argument has a certain form.


def _unary(node: Unary) -> Node:
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
    return _sum(_terms(node.x, -1.0), node)


def _is_sum(node: Node) -> bool:
    return isinstance(node, Binary) and node.name in "+-"


def _sign(node: Unary) -> Node:
    coefficient, rest = _split(node.x)
    if coefficient == 0.0 or rest == _UNIT:
        return constant((coefficient > 0) - (coefficient < 0))
    result = _sign_of(rest)
    return result if coefficient > 0 else _times(-1.0, result)


def _sign_of(node: Node) -> Node:
    """sign looks through functions that keep the sign, and knows those that have only one."""
    if isinstance(node, Unary):
        if node.name == "sign":
            return node
        if node.name == "clip":
            return _sign_of(node.x)
        if node.name == "exp":
            return _ONE
    if node == Operand("g3"):
        return Unary("sign", _G)
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
    coefficient, rest = _split(node.x)
    if node.values[0] == 0.0 or coefficient == 0.0:
        return node.x
    return _times(coefficient, Unary("drop", rest, node.values, node.draw))


_UNARY: dict[str, Callable[[Unary], Node]] = {
    "x": lambda node: node.x,
    "neg": _neg,
    "sign": _sign,
    "clip": _clip,
    "drop": _drop,
    "sqrt": _even,
    "log": _even,
}


# Sums and products.


def _binary(node: Binary) -> Node:
    if node.name == "left":
        return node.left
    if node.name in "+-":
        return _sum(_terms(node), node)
    if node.name == "*":
        return _product(node)
    return _quotient(node) if node.name == "/" else _power(node)


def _terms(node: Node, factor: float = 1.0) -> Terms:
    if _is_sum(node):
        assert isinstance(node, Binary)
        left = _terms(node.left, factor)
        for term, coefficient in _terms(node.right, factor if node.name == "+" else -factor).items():
            left[term] = left.get(term, 0.0) + coefficient
        return left
    coefficient, rest = _split(node)
    if _is_sum(rest):
        return _terms(rest, factor * coefficient)
    return {rest: factor * coefficient}


def _sum(terms: Terms, otherwise: Node) -> Node:
    """Positive terms first, each kind sorted; a sum without a positive term is minus a sum."""
    if any(abs(coefficient) > _LARGEST for coefficient in terms.values()):
        return otherwise
    positive = sorted((_times(c, term) for term, c in terms.items() if c > 0), key=_key)
    negative = sorted((_times(-c, term) for term, c in terms.items() if c < 0), key=_key)
    if not positive:
        return _negated(_chain("+", negative)) if negative else _ZERO
    return reduce(lambda total, term: Binary("-", total, term), negative, _chain("+", positive))


def _negated(node: Node) -> Node:
    coefficient, rest = _split(node)
    return _times(-coefficient, rest)


def _chain(name: str, nodes: list[Node]) -> Node:
    return reduce(lambda left, right: Binary(name, left, right), nodes)


def _factors(node: Node) -> tuple[float, list[Node]]:
    coefficient, rest = _split(node)
    if isinstance(rest, Binary) and rest.name == "*":
        first, second = _factors(rest.left), _factors(rest.right)
        return coefficient * first[0] * second[0], first[1] + second[1]
    return coefficient, [] if rest == _UNIT else [rest]


def _product(node: Binary) -> Node:
    left, right = _factors(node.left), _factors(node.right)
    coefficient, factors = left[0] * right[0], _powers_of_g(left[1] + right[1])
    if coefficient == 0.0:
        return _ZERO
    if abs(coefficient) > _LARGEST:
        return node
    if len(factors) == 1 and _is_sum(factors[0]):  # 2·(x + y) is 2·x + 2·y, as sums are written by their terms.
        return _sum(_terms(factors[0], coefficient), node)
    return _times(coefficient, _chain("*", sorted(factors, key=_key)) if factors else _UNIT)


def _powers_of_g(factors: list[Node]) -> list[Node]:
    """g·g is g², g·g² is g³; higher powers are products of those."""
    powers: dict[Node, int] = {_G: 1, Operand("g2"): 2, Operand("g3"): 3}
    total = sum(powers.get(factor, 0) for factor in factors)
    rest = [factor for factor in factors if factor not in powers]
    own = [Operand("g3")] * (total // 3) + [[], [_G], [Operand("g2")]][total % 3]
    return own + rest


def _quotient(node: Binary) -> Node:
    """x / (y + δ): only the numerator's coefficient can move, as δ is added to the whole denominator."""
    coefficient, rest = _split(node.left)
    if coefficient == 0.0:
        return _ZERO
    sign = 1.0 if coefficient > 0 else -1.0
    return _times(sign, Binary("/", _times(abs(coefficient), rest), node.right, node.values))


def _power(node: Binary) -> Node:
    exponent = constant_value(node.right)
    if exponent == 1.0:
        return node.left
    if exponent == 0.0 or node.left == _ONE:
        return _ONE
    if exponent == 2.0:
        return _product(Binary("*", node.left, node.left))
    if exponent == 3.0:
        return _product(Binary("*", node.left, _product(Binary("*", node.left, node.left))))
    return node


def _renumbered(tree: Node) -> Node:
    """Draws numbered in the order of their places, so that equal rules have equal trees."""
    numbers: dict[int, int] = {}
    for node in walk(tree):
        if is_draw(node) and isinstance(node, Unary):
            numbers.setdefault(node.draw, len(numbers) + 1)
    return _with_draws(tree, numbers)


def _with_draws(node: Node, numbers: dict[int, int]) -> Node:
    if isinstance(node, Unary):
        return Unary(node.name, _with_draws(node.x, numbers), node.values, numbers.get(node.draw, 0))
    if isinstance(node, Binary):
        return Binary(node.name, _with_draws(node.left, numbers), _with_draws(node.right, numbers), node.values)
    return node
