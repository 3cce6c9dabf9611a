"""The words of a rule: which operands and functions its tree holds, each by name and, with parameters, as it is set."""

from __future__ import annotations

from collections.abc import Iterable

from engine.language import numbers
from engine.language.primitives import PRIMITIVES, Kind, Primitive
from engine.language.tokens import parse_function, parse_operand
from engine.language.tree import Node, walk

_WRITTEN = {"g2": "g^2", "g3": "g^3", "neg": "-x"}  # names that a rule's text does not use
_OF_SIMPLIFYING = ("g2", "g3", "const", "neg", "+", "-", "*", "^")  # what the canonical form may bring in by itself


def words(tree: Node) -> set[str]:
    """``clip(g, 1e-3) + 2`` -> ``{"g", "clip", "clip(1e-3)", "+", "const", "2"}``; no word holds a space."""
    return {word for node in walk(tree) for word in _of(node.primitive, node.values)}


def words_of_tokens(operands: Iterable[str], unary: Iterable[str], binary: Iterable[str]) -> dict[Kind, list[str]]:
    """The words that rules made of these tokens may hold, by kind, in the order of the table of primitives.

    Raises:
        RuleError: a token is unknown.
    """
    found = {word for token in operands for word in words(parse_operand(token))}
    for kind, texts in (("unary", unary), ("binary", binary)):
        functions = [parse_function(text, kind) for text in texts]
        found |= {word for function in functions for word in _of(function.primitive, function.values)}
    found |= {_name(PRIMITIVES[name]) for name in _OF_SIMPLIFYING}
    kinds: dict[Kind, list[str]] = {"operand": [], "unary": [], "binary": []}
    for primitive in PRIMITIVES.values():
        if primitive.name not in ("x", "left"):  # the canonical form has neither
            kinds[primitive.kind] += sorted(word for word in found if _belongs(word, primitive))
    return kinds


def _name(primitive: Primitive) -> str:
    return _WRITTEN.get(primitive.name, primitive.name)


def _of(primitive: Primitive, values: tuple[float, ...]) -> tuple[str, ...]:
    name = _name(primitive)
    if not values or (primitive.kind != "unary" and values == primitive.defaults and name != "const"):
        return (name,)
    written = ",".join(map(numbers.text, values))
    return (name, written) if name == "const" else (name, f"{name}({written})")


def _belongs(word: str, primitive: Primitive) -> bool:
    name = _name(primitive)
    if primitive.name == "const" and word not in ("-x", "-", "+", "*", "/", "^"):
        return word == name or word[0] in "-0123456789"
    return word == name or word.startswith(f"{name}(")
