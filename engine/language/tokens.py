"""Tokens: what a controller emits. Operand tokens are small expressions, functions are a name with its parameters."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from engine.errors import RuleError
from engine.language import numbers, parser, printer
from engine.language.primitives import PRIMITIVES, Kind, Primitive
from engine.language.tree import Node, walk

MAX_OPERAND = 8

_FUNCTION = re.compile(r"\s*(-x|[A-Za-z_]+|[-+*/^])\s*(?:\(([^()]*)\))?\s*")
_ALIASES = {"-x": "neg", "minus": "neg", "identity": "x", "keep_left": "left", "pow": "^", "div": "/"}
_RESULT = re.compile(r"#(\d{1,2})")


class Function(NamedTuple):
    """A unary or binary function with its parameters bound."""

    primitive: Primitive
    values: tuple[float, ...]

    @property
    def text(self) -> str:
        name = "-x" if self.primitive.name == "neg" else self.primitive.name
        if self.primitive.kind == "binary":
            return name + printer.arguments(self.primitive, self.values)
        return name + (f"({', '.join(map(numbers.text, self.values))})" if self.values else "")


@lru_cache(maxsize=4096)
def parse_function(text: str, kind: Kind) -> Function:
    """A unary or binary token.

    Raises:
        RuleError: there is no such function of this kind, or a parameter is out of range.
    """
    match = _FUNCTION.fullmatch(text)
    name = _ALIASES.get(match[1], match[1]) if match else ""
    primitive = PRIMITIVES.get(name)
    if match is None or primitive is None or primitive.kind != kind:
        raise RuleError(f"“{text}” is no {kind} function; there are {', '.join(names(kind))}.")
    return Function(primitive, parser.checked(primitive, _numbers(match[2], text)))


def _numbers(text: str | None, token: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")] if text and text.strip() else []
    except ValueError:
        raise RuleError(f"“{token}”: the parameters in brackets are plain numbers.") from None


@lru_cache(maxsize=4096)
def parse_operand(text: str) -> Node:
    """An operand token: a small expression of operands, such as ``g``, ``sign(m)`` or ``w(1e-4)``.

    Raises:
        RuleError: it is no expression, or has more than eight operands and functions.
    """
    node = parser.parse(text)
    size = sum(1 for _ in walk(node))
    if size > MAX_OPERAND:
        raise RuleError(f"An operand of {size} operands and functions is too long; at most {MAX_OPERAND} are allowed.")
    return node


def parse_token(text: str, kind: Kind) -> str:
    """The token as it is written everywhere, so that equal tokens are equal texts.

    Raises:
        RuleError: the text is no token of this kind.
    """
    return printer.text(parse_operand(text)) if kind == "operand" else parse_function(text, kind).text


def result_number(token: str) -> int | None:
    """k for the token ``#k``, the result of group k; None for any other."""
    match = _RESULT.fullmatch(token)
    return int(match[1]) if match else None


def names(kind: Kind) -> list[str]:
    return ["-x" if row.name == "neg" else row.name for row in PRIMITIVES.values() if row.kind == kind]
