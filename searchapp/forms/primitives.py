"""The choice of primitives: a set as it is, or the boxes below it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from engine.errors import RuleError
from engine.language import PRIMITIVES, Rule, parse_token
from engine.language.primitives import Kind
from engine.language.tree import Operand
from engine.registry import PRIMITIVE_SETS
from searchapp.models import PrimitiveSet

OWN_CHOICE = "own"  # the value of the primitive set that means: the boxes count
KINDS: dict[str, Kind] = {"operands": "operand", "unary": "unary", "binary": "binary"}
KIND_TITLES = {"operands": "Operands", "unary": "Unary functions", "binary": "Binary functions"}


@dataclass(frozen=True, slots=True)
class Token:
    """One box: its text, its formula, and in a few words what it is."""

    text: str
    mathml: str
    title: str


@lru_cache(maxsize=1024)
def token(text: str, kind: Kind) -> Token:
    if kind == "operand":
        rule = Rule.parse(text)
        return Token(text, rule.mathml, rule.tree.primitive.title if isinstance(rule.tree, Operand) else text)
    name = text.partition("(")[0]
    primitive = PRIMITIVES["neg" if name == "-x" else name]
    return Token(text, _function_mathml(text, kind), primitive.title)


def _function_mathml(text: str, kind: Kind) -> str:
    """The function with x and y in the place of its arguments, printed by the language itself."""
    name, _, rest = text.partition("(")
    arguments = f", {rest[:-1]}" if rest else ""
    if kind == "binary":
        body = "g" if name == "left" else f"g {name} m"
    else:
        body = {"x": "g", "-x": "-g"}.get(name, f"{name}(g{arguments})")
    written = Rule.parse(body).mathml.replace("<mi>g</mi>", "<mi>x</mi>")
    return written.replace("<mover><mi>m</mi><mo>^</mo></mover>", "<mi>y</mi>")


def offered(sets: Iterable[PrimitiveSet], kind: str) -> list[str]:
    """Every token of this kind in any of the sets, once, in their order."""
    return list(dict.fromkeys(text for row in sets for text in getattr(row, kind)))


def summary_of(row: PrimitiveSet) -> str:
    """What the engine says of a built-in set; the sizes for a person's own."""
    preset = next((one for one in PRIMITIVE_SETS.values() if one.title == row.name), None)
    if row.owner_id is None and preset:
        return preset.summary
    return f"{len(row.operands)} operands, {len(row.unary)} unary and {len(row.binary)} binary functions."


def typed_tokens(text: str, kind: Kind) -> list[str]:
    """Tokens separated by commas (commas in brackets do not separate) or new lines.

    Raises:
        RuleError: names the token that is wrong.
    """
    parts = [part.strip() for part in re.split(r"[,\n](?![^()]*\))", text)]
    return [_checked(part, kind) for part in parts if part]


def _checked(text: str, kind: Kind) -> str:
    try:
        return parse_token(text, kind)
    except RuleError as error:
        message = str(error)
        raise RuleError(message if text in message else f"“{text}”: {message}") from None
