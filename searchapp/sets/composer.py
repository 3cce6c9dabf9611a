"""What the page of a set that is composed shows where: every primitive, its variants, and the fields to add one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.errors import RuleError
from engine.language import PRIMITIVES
from engine.language.primitives import Kind
from engine.registry import PRIMITIVE_SETS
from searchapp.forms import primitives as forms
from searchapp.sets.draft import Draft, parameter_field
from searchapp.sets.explained import COMPOSED, Explained, allowed, default_token, explain_primitive, primitive_of

COMPOSED_HELP = "A small expression of operands and functions counts as one operand: sign(g), g * m, clip(m, 0.01)."


@dataclass(frozen=True, slots=True)
class Box:
    """A token to choose, and whether it was added just now."""

    token: forms.Token
    chosen: bool
    added: bool


@dataclass(frozen=True, slots=True)
class ParameterField:
    name: str
    label: str
    placeholder: str
    help: str


@dataclass(frozen=True, slots=True)
class Row:
    """One primitive, with the tokens of it that are offered. `explained` is None for composed operands."""

    name: str
    explained: Explained | None
    boxes: list[Box]
    fields: list[ParameterField]
    error: str


@dataclass(frozen=True, slots=True)
class Section:
    kind: str  # operands, unary, binary: the name of the boxes' field
    title: str
    rows: list[Row]


def sections(draft: Draft) -> list[Section]:
    return [_section(draft, kind, singular) for kind, singular in forms.KINDS.items()]


def _section(draft: Draft, kind: str, singular: Kind) -> Section:
    offered = _by_primitive([*_usual(kind), *draft.tokens[kind]], singular)
    names = [name for name, row in PRIMITIVES.items() if row.kind == singular]
    if singular == "operand":
        names.append(COMPOSED)
    rows = [_row(draft, kind, singular, name, offered.get(name, [])) for name in names]
    return Section(kind, forms.KIND_TITLES[kind], rows)


def _usual(kind: str) -> list[str]:
    """The tokens of the built-in sets: what the paper searched with."""
    return list(dict.fromkeys(text for preset in PRIMITIVE_SETS.values() for text in getattr(preset, kind)))


def _by_primitive(texts: Iterable[str], kind: Kind) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for text in dict.fromkeys(texts):
        try:
            found.setdefault(primitive_of(text, kind), []).append(text)
        except RuleError:  # a token of an older version; saving without it is the only way
            continue
    return found


def _row(draft: Draft, kind: str, singular: Kind, name: str, texts: list[str]) -> Row:
    if name != COMPOSED:
        texts = texts or [default_token(PRIMITIVES[name])]
    boxes = [Box(forms.token(text, singular), text in draft.tokens[kind], text == draft.added) for text in texts]
    explained = None if name == COMPOSED else explain_primitive(name)
    return Row(name, explained, boxes, _fields(name), draft.errors.get(name, ""))


def _fields(name: str) -> list[ParameterField]:
    if name == COMPOSED:
        return [ParameterField(COMPOSED, "expression", "sign(m)", "at most eight operands and functions")]
    primitive = PRIMITIVES[name]
    return [
        ParameterField(parameter_field(primitive, p.name), p.name, f"{p.default:g}", allowed(p))
        for p in primitive.parameters
    ]
