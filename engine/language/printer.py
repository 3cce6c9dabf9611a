"""Writes a tree as text (which parses back), LaTeX, MathML and Python; all four walk the same way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from engine.language import averages, numbers
from engine.language.primitives import Primitive
from engine.language.tree import Binary, Node, Operand, Unary, children, is_draw, walk

Form = Literal["latex", "mathml", "python"]
_SUM, _PRODUCT, _SIGN, _POWER, _ATOM = 1, 2, 3, 4, 5
_INFIX = {"+": " + ", "-": " - ", "*": " * ", "/": " / ", "^": "^"}
_OPERAND_TEXT = {"g2": "g^2", "g3": "g^3"}


@dataclass(frozen=True, slots=True)
class _Style:
    """What differs between the forms: how numbers and brackets are written."""

    number: Callable[[float], str]
    bracket: Callable[[str], str]


_STYLES: dict[Form, _Style] = {
    "latex": _Style(numbers.latex, lambda s: rf"\left({s}\right)"),
    "mathml": _Style(numbers.mathml, lambda s: f"<mrow><mo>(</mo>{s}<mo>)</mo></mrow>"),
    "python": _Style(numbers.python, lambda s: f"({s})"),
}


def shared_draws(tree: Node) -> list[Node]:
    """Draw nodes that are used more than once, inner ones first: a text must name them to keep them one draw."""
    counts = Counter(filter(is_draw, walk(tree)))
    return [node for node, count in counts.items() if count > 1]


def text(tree: Node) -> str:
    """The rule's text; draws that are shared are named first: ``a = drop(g, 0.3); a * a``."""
    names: dict[Node, str] = {}
    bindings = []
    for node in shared_draws(tree):
        written = _text(node, names)[0]
        names[node] = "abcdefghijklnopqrsu"[len(names)] if len(names) < 19 else f"a{len(names)}"
        bindings.append(f"{names[node]} = {written}; ")
    return "".join(bindings) + _text(tree, names)[0]


def _text(node: Node, names: dict[Node, str]) -> tuple[str, int]:
    if node in names:
        return names[node], _ATOM
    if isinstance(node, Operand):
        return operand_text(node)
    if isinstance(node, Unary):
        return _unary_text(node, names)
    return _binary_text(node, names)


def operand_text(node: Operand) -> tuple[str, int]:
    if node.name == "const":
        written = numbers.text(node.values[0])
        return written, _SIGN if written.startswith("-") else _ATOM
    name = _OPERAND_TEXT.get(node.name, node.name)
    return name + arguments(node.primitive, node.values), _POWER if node.name in _OPERAND_TEXT else _ATOM


def arguments(primitive: Primitive, values: tuple[float, ...]) -> str:
    """``(0.3)``, or nothing where every parameter has its default."""
    return "" if values == primitive.defaults else f"({', '.join(map(numbers.text, values))})"


def _unary_text(node: Unary, names: dict[Node, str]) -> tuple[str, int]:
    inner, precedence = _text(node.x, names)
    if node.name == "x":
        return inner, precedence
    if node.name == "neg":
        return f"-{inner if precedence > _SIGN else f'({inner})'}", _SIGN
    return f"{node.name}({', '.join([inner, *map(numbers.text, node.values)])})", _ATOM


def _binary_text(node: Binary, names: dict[Node, str]) -> tuple[str, int]:
    left, right = _text(node.left, names), _text(node.right, names)
    if node.name == "left":
        return f"left({left[0]}, {right[0]})", _ATOM
    if node.values != node.primitive.defaults:
        return f"div({', '.join([left[0], right[0], *map(numbers.text, node.values)])})", _ATOM
    first, second = _bracketed(node, left, right, lambda s: f"({s})")
    return f"{first}{_INFIX[node.name]}{second}", node.primitive.precedence


def _bracketed(
    node: Binary, left: tuple[str, int], right: tuple[str, int], bracket: Callable[[str], str]
) -> tuple[str, str]:
    """Brackets where the argument binds less tightly than this node needs."""
    own = node.primitive.precedence
    # Right arguments are bracketed at equal precedence (a - (b - c)), and powers on both sides ((a^b)^c).
    first = left[0] if left[1] > own or (left[1] == own and node.name != "^") else bracket(left[0])
    second = right[0] if right[1] > own else bracket(right[0])
    return first, second


def write(tree: Node, form: Form, names: dict[Node, str] | None = None) -> str:
    """The tree in one of the forms; nodes that ``names`` holds are written by their name."""
    return _write(tree, form, names or {})[0]


def _write(node: Node, form: Form, names: dict[Node, str]) -> tuple[str, int]:
    if node in names:
        return names[node], _ATOM
    style, primitive = _STYLES[form], node.primitive
    filled = {p.name: style.number(value) for p, value in zip(primitive.parameters, node.values, strict=True)}
    if form == "python" and isinstance(node, Operand):
        filled |= {name: average.key.replace(".", "_") for name, average in averages.of_operand(node).items()}
    parts = [_write(child, form, names) for child in children(node)]
    if isinstance(node, Unary):
        filled["x"] = _argument(node, parts[0], style)
    elif isinstance(node, Binary):
        filled["x"], filled["y"] = _arguments(node, parts, form, style)
    return _fill(node, primitive, form, filled, parts)


def _argument(node: Unary, part: tuple[str, int], style: _Style) -> str:
    return style.bracket(part[0]) if node.name == "neg" and part[1] <= _SIGN else part[0]


def _arguments(node: Binary, parts: list[tuple[str, int]], form: Form, style: _Style) -> tuple[str, str]:
    left, right = parts
    if node.name == "left" or (node.name == "/" and form != "python") or (node.name == "^" and form == "python"):
        return left[0], right[0]
    if node.name == "^":  # The exponent stands raised, so only the base needs brackets.
        return (left[0] if left[1] == _ATOM else style.bracket(left[0])), right[0]
    if node.name == "/":  # Python adds δ to the denominator inside brackets of the template's own.
        return _bracketed(node, left, (right[0], _ATOM if right[1] > _SUM else _SUM), style.bracket)[0], right[0]
    return _bracketed(node, left, right, style.bracket)


def _fill(
    node: Node, primitive: Primitive, form: Form, filled: dict[str, str], parts: list[tuple[str, int]]
) -> tuple[str, int]:
    written = str(getattr(primitive, form)).format(**filled)
    if node.name in ("x", "left"):
        return written, parts[0][1]
    if form == "python":
        return written, _python_precedence(node)
    if isinstance(node, Operand) and node.name == "w" and node.values == (1.0,):
        return {"latex": "w", "mathml": "<mi>w</mi>"}[form], _ATOM
    if isinstance(node, Operand) and node.values != primitive.defaults and node.name not in ("const", "w"):
        written = _with_parameters(written, form, list(filled.values()))
    precedence = primitive.precedence
    if isinstance(node, Operand) and node.name == "const" and node.values[0] < 0:
        precedence = _SIGN
    if node.name == "exp":
        precedence = _POWER
    if node.name == "/":
        precedence = _ATOM
    return written, precedence


def _with_parameters(written: str, form: Form, values: list[str]) -> str:
    """Parameters other than the defaults stand as a subscript."""
    if form == "latex":
        return f"{{{written}}}_{{{', '.join(values)}}}"
    body = "<mo>,</mo>".join(f"<mn>{value}</mn>" for value in values)
    return f"<msub><mrow>{written}</mrow><mrow>{body}</mrow></msub>"


def _python_precedence(node: Node) -> int:
    if node.name in ("adam", "rmsprop", "g2", "g3", "w"):
        return _PRODUCT
    return _ATOM if node.name == "^" else node.primitive.precedence
