"""Whether a tree obeys the priors: the exact question, which is asked of canonical trees."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from engine.config.priors import PriorsConfig
from engine.language import Rule
from engine.language.canonical import canonical
from engine.language.tokens import parse_function
from engine.language.tree import Binary, Node, Unary, walk


def violation(rule: Rule, priors: PriorsConfig) -> str | None:
    """Which prior the rule does not obey, as the end of a sentence about it; None when it obeys all of them."""
    tree = rule.canonical.tree
    if priors.uses_gradient and not uses_gradient(tree):
        return "does not use a gradient"
    if priors.no_repeated_unary and (repeats(tree) or repeats(rule.tree)):
        return "applies a unary function directly on the result of the same one"
    if priors.max_complexity is not None and rule.complexity > priors.max_complexity:
        return f"has a complexity of {rule.complexity}, and {priors.max_complexity} is the largest allowed"
    return None


def uses_gradient(tree: Node) -> bool:
    return any("g" in node.primitive.needs for node in walk(tree))


def repeats(tree: Node) -> bool:
    """Whether a unary function stands directly on the result of the same one; what `left` ignores does not count."""
    tree = outermost(tree)
    if isinstance(tree, Binary):
        return repeats(tree.left) or repeats(tree.right)
    return isinstance(tree, Unary) and (is_repeated(tree.name, tree.x) or repeats(tree.x))


def is_repeated(name: str, argument: Node) -> bool:
    """Whether that function on this argument would be the same one twice; the identity is no function."""
    inner = outermost(argument)
    return name != "x" and isinstance(inner, Unary) and inner.name == name


def outermost(tree: Node) -> Node:
    """The tree without identities and `left` around it."""
    while (isinstance(tree, Unary) and tree.name == "x") or (isinstance(tree, Binary) and tree.name == "left"):
        tree = tree.x if isinstance(tree, Unary) else tree.left
    return tree


@dataclass(frozen=True, slots=True)
class Side:
    """One half of a group: a unary function of an operand, u(o), and what the priors ask about.

    Attributes:
        complexity: nodes of the canonical tree.
        repeats: the same unary function stands twice in a row, as written or in canonical form.
    """

    complexity: int
    uses_gradient: bool
    repeats: bool


@lru_cache(maxsize=65_536)
def side(operand: Node, unary: str) -> Side:
    function = parse_function(unary, "unary")
    written = Unary(function.primitive.name, operand, function.values, draw=-1)
    tree = canonical(written)
    return Side(sum(1 for _ in walk(tree)), uses_gradient(tree), repeats(written) or repeats(tree))
