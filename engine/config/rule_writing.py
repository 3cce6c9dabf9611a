"""Writes a rule with the tokens of a space: from a tree to groups, the way back of `Rule.from_tokens`.

A group is b(u₁(o₁), u₂(o₂)). The search goes from the rule's canonical form down: a binary function splits a tree into
two halves; a half is one of the space's own u(o), or a unary function of a tree that an earlier group makes. Fewest
groups are tried first, and ways along the tree before those that play with 0, 1 and coefficients; groups that are left
over stand in front, unused. What is found is read back, and counts if it
is the same rule by its fingerprint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import islice, product

from engine.config.rule_splits import Split, negative, splits
from engine.errors import RuleError
from engine.language import Rule, Space
from engine.language.algebra import simplify_binary, split
from engine.language.canonical import canonical
from engine.language.printer import shared_draws
from engine.language.tokens import parse_function, parse_operand, result_number
from engine.language.tree import Binary, Node, Unary, constant, constant_value, walk

Group = tuple[str, str, str, str, str]
Row = tuple[int, ...]
ALTERNATIVES = 3  # ways to make one part that are tried with the rest of the rule
EFFORT = 150_000  # nodes of trees taken apart before a rule counts as one that cannot be written


def write_rule(rule: Rule, space: Space, fits: Callable[[Row], bool] = lambda row: True) -> Row:
    """The first row of indices into `space.choices(slot)` found that writes this rule and fits.

    Raises:
        RuleError: none was found within the space's groups.
    """
    for row in _rows(rule, space):
        if fits(row):
            return row
    groups = "1 group" if space.groups == 1 else f"{space.groups} groups"
    raise RuleError(f"no way was found to write “{shortened(rule.text)}” in {groups} of the search's tokens.")


def shortened(text: str) -> str:
    """A rule's text, as much of it as a sentence can hold."""
    return text if len(text) <= 80 else text[:79] + "…"


def _rows(rule: Rule, space: Space) -> Iterator[Row]:
    writers = [_Writer(rule.canonical.tree, space, is_plain) for is_plain in (True, False)]
    for writer, budget in product(writers, range(1, space.groups + 1)):
        for groups in writer.ways(budget):
            if Rule.from_tokens([token for group in groups for token in group]).fingerprint == rule.fingerprint:
                for padding in _paddings(space, space.groups - len(groups)):
                    tokens = enumerate(_padded(groups, padding))
                    yield tuple(space.choices(slot).index(token) for slot, token in tokens)


def _paddings(space: Space, n: int) -> Iterator[list[Group]]:
    """What n unused groups may hold: a few simple ones, as a prior may forbid some."""
    if n == 0:
        yield []
        return
    for unary in sorted(space.unary, key=lambda token: token != "x")[:2]:
        for operand in space.operands[:4]:
            yield [(operand, operand, unary, unary, space.binary[0])] * n


def _padded(groups: list[Group], padding: list[Group]) -> list[str]:
    """Unused groups come first, so that the numbers of results grow."""

    def moved(token: str) -> str:
        number = result_number(token)
        return token if number is None else f"#{number + len(padding)}"

    return [token for group in padding for token in group] + [moved(token) for group in groups for token in group]


class _Writer:
    def __init__(self, tree: Node, space: Space, is_plain: bool) -> None:
        self.tree, self.space, self.is_plain, self.effort = tree, space, is_plain, EFFORT
        self.unary = [(token, *parse_function(token, "unary")) for token in space.unary]
        left_first = sorted(space.binary, key=lambda token: token != "left")  # it takes a tree apart the least
        self.binary = [(token, *parse_function(token, "binary")) for token in left_first]
        self.own = own_halves(space)
        self.shared = set(shared_draws(tree))
        self.hopeless: set[tuple[Node, frozenset[Node], int]] = set()  # trees that these results and groups never make

    def ways(self, budget: int) -> Iterator[list[Group]]:
        """Lists of at most so many groups of which the last one is the tree."""
        for groups, _ in self._made(self.tree, [], {}, budget):
            yield groups

    def _made(
        self, tree: Node, groups: list[Group], results: dict[Node, str], budget: int
    ) -> Iterator[tuple[list[Group], dict[Node, str]]]:
        """Extends the groups so that the last one is the tree; results say which trees the groups are."""
        key = (tree, frozenset(results), budget)
        if budget < 1 or key in self.hopeless:
            return
        is_made, size = False, sum(1 for _ in walk(tree))
        cost = max(size, size**2 // 10)  # collecting terms and factors grows faster than the tree
        for token, primitive, values in self.binary:
            for way in splits(tree, primitive.name, values, self.is_plain):
                self.effort -= cost
                if self.effort < 0:
                    return
                for made in self._split(tree, token, way, groups, results, budget):
                    is_made = True
                    yield made
        if not is_made:
            self.hopeless.add(key)

    def _made_shortest(
        self, tree: Node, groups: list[Group], results: dict[Node, str], budget: int
    ) -> Iterator[tuple[list[Group], dict[Node, str]]]:
        """A few ways with as few groups as there can be; helpers such as 0 and 1 are not worth a group."""
        if self.is_plain and constant_value(tree) in (0.0, 1.0, -1.0):
            return
        for groups_more in range(1, budget + 1):
            ways = list(islice(self._made(tree, groups, results, groups_more), ALTERNATIVES))
            if ways:
                yield from ways
                return

    def _split(
        self, tree: Node, binary: str, split: Split, groups: list[Group], results: dict[Node, str], budget: int
    ) -> Iterator[tuple[list[Group], dict[Node, str]]]:
        for u1, o1, groups1, results1 in self._half(split.left, tree, groups, results, budget - 1):
            left_over = budget - 1 - (len(groups1) - len(groups))
            for u2, o2, groups2, results2 in self._second(split.right, tree, groups1, results1, left_over, (u1, o1)):
                group = (o1, o2, u1, u2, binary)
                yield [*groups2, group], {**results2, tree: f"#{len(groups2) + 1}"}

    def _second(
        self,
        half: Node | None,
        whole: Node,
        groups: list[Group],
        results: dict[Node, str],
        budget: int,
        first: tuple[str, str],
    ) -> Iterator[tuple[str, str, list[Group], dict[Node, str]]]:
        """The second half; where `left` ignores it, it is like the first one."""
        if half is None:
            yield *first, groups, results
        else:
            yield from self._half(half, whole, groups, results, budget)

    def _half(
        self, half: Node, whole: Node, groups: list[Group], results: dict[Node, str], budget: int
    ) -> Iterator[tuple[str, str, list[Group], dict[Node, str]]]:
        """Unary function, operand and the groups with what had to be made for it."""
        if (own := self.own.get(undrawn(half))) and (half == whole or self.shared.isdisjoint(walk(half))):
            yield *own, groups, results
        for token, argument in self._arguments(half):
            if argument in results:
                yield token, results[argument], groups, results
            elif argument != whole:
                for longer, known in self._made_shortest(argument, groups, results, budget):
                    yield token, known[argument], longer, known

    def _arguments(self, half: Node) -> Iterator[tuple[str, Node]]:
        """u and x with u(x) = half."""
        for token, primitive, values in self.unary:
            if primitive.name == "x":
                yield token, half
            elif primitive.name == "neg" and not (self.is_plain and split(half)[0] > 0):
                yield token, negative(half)
            else:
                yield from ((token, argument) for argument in arguments(half, primitive.name, values))


def arguments(half: Node, name: str, values: tuple[float, ...]) -> Iterator[Node]:
    """x for which that function of x is the half: the inverse of `engine.language.simplify`."""
    coefficient, rest = split(half)
    if not isinstance(rest, Unary) or (rest.name, rest.values) != (name, values):
        return
    if coefficient == 1.0:
        yield rest.x
    if coefficient == 1.0 and name in ("sign", "clip"):
        yield half  # once more changes nothing
    elif coefficient == -1.0 and name in ("sign", "clip"):
        yield negative(rest.x)
    elif coefficient == 1.0 and name in ("log", "sqrt"):
        yield negative(rest.x)  # both are of the absolute value
    elif name == "drop":
        yield simplify_binary(Binary("*", constant(coefficient), rest.x))


@lru_cache(maxsize=64)
def own_halves(space: Space) -> dict[Node, tuple[str, str]]:
    """The canonical form of each u(o) of the space's own tokens, and how it is written; the first way counts."""
    halves: dict[Node, tuple[str, str]] = {}
    for unary in sorted(space.unary, key=lambda token: token != "x"):
        function = parse_function(unary, "unary")
        for operand in space.operands:
            draw = 1 if "random" in function.primitive.needs else 0
            tree = canonical(Unary(function.primitive.name, parse_operand(operand), function.values, draw))
            halves.setdefault(undrawn(tree), (unary, operand))
    return halves


def undrawn(tree: Node) -> Node:
    """The tree with its draws unnumbered: what it is when nothing else uses the same draws."""
    if isinstance(tree, Unary):
        return Unary(tree.name, undrawn(tree.x), tree.values)
    return Binary(tree.name, undrawn(tree.left), undrawn(tree.right), tree.values) if isinstance(tree, Binary) else tree
