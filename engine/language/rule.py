"""A rule: the update Δ of w ← w − λ·Δ, as a tree that is read from text or from the controller's tokens."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from engine.errors import RuleError
from engine.language import canonical, parser, printer, tokens
from engine.language.tree import Binary, Node, Unary, walk

GROUP = 5
MAX_GROUPS = 5


@dataclass(frozen=True)
class Rule:
    """An immutable update rule.

    Example:
        >>> Rule.parse("g * exp(sign(m) * sign(g))").canonical.text
        'exp(sign(g) * sign(m)) * g'
    """

    tree: Node

    @classmethod
    def parse(cls, text: str) -> Rule:
        """Reads a rule's text, such as ``exp(sign(g)*sign(m)) * g``.

        Raises:
            RuleError: with the position of what is wrong, and what is allowed.
        """
        if not text.strip():
            raise RuleError("The rule is empty; write one such as exp(sign(g)*sign(m)) * g.", 0)
        return cls(parser.parse(text))

    @classmethod
    def from_tokens(cls, flat: Sequence[str]) -> Rule:
        """Builds the rule of a list of groups: operand 1, operand 2, unary 1, unary 2, binary, five tokens each.

        Raises:
            RuleError: the length is no multiple of five, a token is unknown, or a ``#k`` is used before group k.
        """
        if not flat or len(flat) % GROUP or len(flat) > GROUP * MAX_GROUPS:
            raise RuleError(f"A rule has 1 to {MAX_GROUPS} groups of {GROUP} tokens, not {len(flat)} tokens.")
        results: list[Node] = []
        for start in range(0, len(flat), GROUP):
            results.append(_group(flat[start : start + GROUP], results, draw=2 * start + 1))
        return cls(results[-1])

    @cached_property
    def text(self) -> str:
        return printer.text(self.tree)

    @cached_property
    def latex(self) -> str:
        return printer.write(self.tree, "latex")

    @cached_property
    def mathml(self) -> str:
        """One ``math`` element, safe to put into a page: it holds nothing that a user typed."""
        body = printer.write(self.tree, "mathml")
        return f'<math xmlns="http://www.w3.org/1998/Math/MathML"><mrow>{body}</mrow></math>'

    @cached_property
    def canonical(self) -> Rule:
        """The rule in canonical form, which is what is trained, shown and exported."""
        return Rule(canonical.canonical(self.tree))

    @cached_property
    def fingerprint(self) -> str:
        """16 hex digits; two rules with the same ones are the same rule."""
        return hashlib.sha256(self.canonical.text.encode()).hexdigest()[:16]

    @cached_property
    def complexity(self) -> int:
        """How many operands and functions the canonical form has; a shared part counts each time it is used."""
        return sum(1 for _ in walk(self.canonical.tree))

    @cached_property
    def needs(self) -> frozenset[str]:
        """What it reads: of ``g w m v gamma step total random``."""
        return frozenset(need for node in walk(self.tree) for need in node.primitive.needs)

    def uses(self, need: str) -> bool:
        return need in self.needs

    @property
    def needs_total_steps(self) -> bool:
        return self.uses("total")

    def __str__(self) -> str:
        return self.text


def _group(group: Sequence[str], results: list[Node], draw: int) -> Node:
    first, second = (_operand(token, results, draw + 10_000 * place) for place, token in enumerate(group[:2], 1))
    left, right = _unary(group[2], first, draw), _unary(group[3], second, draw + 1)
    binary = tokens.parse_function(group[4], "binary")
    return Binary(binary.primitive.name, left, right, binary.values)


def _operand(token: str, results: list[Node], draw: int) -> Node:
    number = tokens.result_number(token)
    if number is None:
        return _redrawn(tokens.parse_operand(token), draw)
    if not 1 <= number <= len(results):
        raise RuleError(f"“{token}” stands in group {len(results) + 1}, where only earlier groups' results exist.")
    return results[number - 1]


def _redrawn(node: Node, draw: int) -> Node:
    """A composed operand token may hold draws; each place where the token stands gets its own."""
    if isinstance(node, Unary):
        return Unary(node.name, _redrawn(node.x, draw), node.values, node.draw + draw if node.draw else 0)
    if isinstance(node, Binary):
        return Binary(node.name, _redrawn(node.left, draw), _redrawn(node.right, draw), node.values)
    return node


def _unary(token: str, node: Node, draw: int) -> Unary:
    function = tokens.parse_function(token, "unary")
    return Unary(function.primitive.name, node, function.values, draw if "random" in function.primitive.needs else 0)
