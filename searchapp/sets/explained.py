"""Primitives and tokens as people read them: formula, help, plot, cost. Everything comes from the engine's table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from django.utils.safestring import SafeString

from engine.errors import RuleError
from engine.language import PRIMITIVES, Parameter, Primitive, parse_token
from engine.language.primitives import Kind
from engine.language.tokens import parse_function, parse_operand
from engine.language.tree import Node, Operand, Unary
from searchapp.forms import primitives as forms
from searchapp.sets import costs
from searchapp.sets.curves import curve

COMPOSED = "composed"  # operands that are small expressions, such as sign(g)
WRITTEN = {"neg": "-x", "g2": "g^2", "g3": "g^3", "const": "1"}


@dataclass(frozen=True, slots=True)
class Explained:
    """One token of a set, or one primitive with its default parameters.

    Attributes:
        primitive: its row in the table; None where the token is a small expression.
        cost: what it costs an optimizer, a few words each.
    """

    text: str
    mathml: str
    title: str
    help: str
    cost: list[str]
    plot: SafeString = field(default_factory=SafeString)
    primitive: Primitive | None = None
    parameters: str = ""


@lru_cache(maxsize=1024)
def explain_token(text: str, kind: Kind) -> Explained:
    """Raises RuleError where the text is no token of this kind."""
    shown = forms.token(parse_token(text, kind), kind)
    if kind != "operand":
        function = parse_function(text, kind)
        return _explained(shown, function.primitive, function.values, costs.of_primitive(function.primitive))
    tree = parse_operand(text)
    if isinstance(tree, Operand):
        return _explained(shown, tree.primitive, tree.values, costs.of_tree(tree))
    return Explained(shown.text, shown.mathml, _name(tree), "A small expression that counts as one operand.",
                     costs.of_tree(tree), _plot(tree))  # fmt: skip


def _explained(shown: forms.Token, primitive: Primitive, values: tuple[float, ...], cost: list[str]) -> Explained:
    pairs = zip(primitive.parameters, values, strict=True)
    parameters = ", ".join(f"{p.name} = {value:g}" for p, value in pairs if primitive.name != "const")
    plot = curve(primitive.name, values)
    return Explained(shown.text, shown.mathml, primitive.title, primitive.help, cost, plot, primitive, parameters)


def _name(tree: Node) -> str:
    if isinstance(tree, Unary) and isinstance(tree.x, Operand):
        return f"{tree.primitive.title} of the {tree.x.primitive.title}"
    return "composed operand"


def _plot(tree: Node) -> SafeString:
    if isinstance(tree, Unary) and isinstance(tree.x, Operand):
        return curve(tree.name, tree.values)
    return SafeString()


def explain_all(texts: Iterable[str], kind: Kind) -> list[Explained]:
    """Tokens that this version cannot read any more are left out: the list of tokens itself shows them."""
    found = []
    for text in texts:
        try:
            found.append(explain_token(text, kind))
        except RuleError:
            continue
    return found


def primitive_of(text: str, kind: Kind) -> str:
    """The name of the primitive that a token is one variant of, or `composed`. Raises RuleError."""
    if kind != "operand":
        return parse_function(text, kind).primitive.name
    tree = parse_operand(text)
    return tree.name if isinstance(tree, Operand) else COMPOSED


def default_token(primitive: Primitive) -> str:
    """The token of the primitive with its default parameters."""
    return parse_token(WRITTEN.get(primitive.name, primitive.name), primitive.kind)


def token_with(primitive: Primitive, values: list[str]) -> str:
    """The token with these parameters as they were typed; an empty one has its default. Raises RuleError."""
    if primitive.name == "const":
        return parse_token(values[0] or "1", "operand")
    name = WRITTEN.get(primitive.name, primitive.name)
    given = [value.strip() or f"{p.default!r}" for value, p in zip(values, primitive.parameters, strict=True)]
    return parse_token(f"{name}({', '.join(given)})" if given else name, primitive.kind)


@lru_cache(maxsize=64)
def explain_primitive(name: str) -> Explained:
    primitive = PRIMITIVES[name]
    return explain_token(default_token(primitive), primitive.kind)


def allowed(parameter: Parameter) -> str:
    return f"{parameter.help}; {parameter.allowed}"


def all_primitives(kind: Kind) -> list[Explained]:
    return [explain_primitive(row.name) for row in PRIMITIVES.values() if row.kind == kind]
