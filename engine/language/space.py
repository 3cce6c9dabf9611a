"""The search space: which tokens may stand at each slot of a rule, and how many rules that makes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from engine.errors import RuleError
from engine.language.primitives import Kind
from engine.language.rule import GROUP, MAX_GROUPS
from engine.language.tokens import parse_token

SLOTS: tuple[Kind, ...] = ("operand", "operand", "unary", "unary", "binary")


@dataclass(frozen=True)
class Space:
    """A primitive set and a number of groups. Tokens are checked and written in their one form, duplicates dropped.

    Raises:
        RuleError: a token is unknown, a kind is empty, or the number of groups is not 1 to 5.
    """

    operands: tuple[str, ...]
    unary: tuple[str, ...]
    binary: tuple[str, ...]
    groups: int

    def __init__(self, operands: Iterable[str], unary: Iterable[str], binary: Iterable[str], groups: int) -> None:
        object.__setattr__(self, "operands", _tokens(operands, "operand"))
        object.__setattr__(self, "unary", _tokens(unary, "unary"))
        object.__setattr__(self, "binary", _tokens(binary, "binary"))
        object.__setattr__(self, "groups", groups)
        if not 1 <= groups <= MAX_GROUPS:
            raise RuleError(f"A rule has 1 to {MAX_GROUPS} groups, not {groups}.")

    @cached_property
    def slots(self) -> tuple[Kind, ...]:
        """The kind of each token of a rule, five a group."""
        return SLOTS * self.groups

    def choices(self, slot: int) -> tuple[str, ...]:
        """The tokens allowed at a slot; operands of group k include the results ``#1`` to ``#k−1``."""
        kind = self.slots[slot]
        if kind == "operand":
            return self.operands + tuple(f"#{k + 1}" for k in range(slot // GROUP))
        return self.unary if kind == "unary" else self.binary

    @cached_property
    def size(self) -> int:
        """How many token strings there are; many of them write the same rule."""
        size = 1
        for slot in range(len(self.slots)):
            size *= len(self.choices(slot))
        return size


def _tokens(texts: Iterable[str], kind: Kind) -> tuple[str, ...]:
    tokens = tuple(dict.fromkeys(parse_token(text, kind) for text in texts))
    if not tokens:
        name = kind if kind == "operand" else f"{kind} function"
        raise RuleError(f"The primitive set has no {name}; choose at least one.")
    return tokens
