"""A rule's tree as SVG: boxes for operands and functions, lines from each function to its arguments.

Leaves stand side by side at the foot of their branch, a function above the middle of its arguments. Colours come from
classes, which static/css/rules.css gives; nothing in it was typed by a person.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from engine.language import Rule, numbers, printer
from engine.language.tree import Node, Operand, children

HEIGHT, LEVEL, GAP, MARGIN = 32, 60, 16, 8  # pixels: of a box, between levels, between leaves, around it all
LETTER, PADDING, NARROWEST = 8.6, 20, 40  # of a box's text, and around it
MOST_NODES = 300  # more than that no screen shows
_SIGNS = {"neg": "−", "*": "·", "-": "−", "/": "÷"}


@dataclass(frozen=True, slots=True)
class _Box:
    label: str
    title: str
    kind: str
    width: float
    x: float  # of its middle
    y: float  # of its top
    children: tuple[_Box, ...]


def tree_svg(rule: Rule) -> SafeString:
    """The tree of a rule; empty for one of more than 300 operands and functions."""
    if rule.complexity > MOST_NODES:
        return SafeString()
    root, width = _place(rule.tree, MARGIN, MARGIN)
    boxes = _flat(root)
    height = max(box.y for box in boxes) + HEIGHT + MARGIN
    lines = format_html_join("", '<path d="{}"/>', ((_line(box, child),) for box in boxes for child in box.children))
    drawn = format_html_join("", "{}", ((_box(box),) for box in boxes))
    return format_html(
        '<svg class="tree" xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}" viewBox="0 0 {0} {1}" '
        'role="img" aria-label="Tree of {2}"><g class="tree__lines">{3}</g>{4}</svg>',
        round(width + MARGIN),
        round(height),
        rule.text,
        lines,
        drawn,
    )


def _place(node: Node, left: float, top: float) -> tuple[_Box, float]:
    """The box of a node whose branch begins at `left`, and where the branch ends."""
    label = _label(node)
    width = max(NARROWEST, len(label) * LETTER + PADDING)
    placed: list[_Box] = []
    right = left
    for child in children(node):
        box, right = _place(child, right + (GAP if placed else 0), top + LEVEL)
        placed.append(box)
    middle = (placed[0].x + placed[-1].x) / 2 if placed else left + width / 2
    if middle - width / 2 < left:  # the box is wider than what hangs from it
        shift = left - (middle - width / 2)
        placed = [_moved(box, shift) for box in placed]
        middle, right = middle + shift, right + shift
    right = max(right, middle + width / 2)
    return _Box(label, _title(node), node.primitive.kind, width, middle, top, tuple(placed)), right


def _moved(box: _Box, shift: float) -> _Box:
    moved = tuple(_moved(child, shift) for child in box.children)
    return _Box(box.label, box.title, box.kind, box.width, box.x + shift, box.y, moved)


def _label(node: Node) -> str:
    """As in a rule's text, without the arguments: `clip 10⁻³`, `g²`, `·`."""
    if isinstance(node, Operand):
        text = printer.operand_text(node)[0]
        return numbers.mathml(node.values[0]) if node.name == "const" else text.replace("^2", "²").replace("^3", "³")
    name = _SIGNS.get(node.name, node.name)
    shown = node.values and (node.primitive.kind == "unary" or node.values != node.primitive.defaults)
    return f"{name} {', '.join(map(numbers.mathml, node.values))}" if shown else name


def _title(node: Node) -> str:
    return f"{node.primitive.title}: {node.primitive.help}"


def _flat(box: _Box) -> list[_Box]:
    return [box, *(one for child in box.children for one in _flat(child))]


def _line(box: _Box, child: _Box) -> str:
    start, end = box.y + HEIGHT, child.y
    bend = (start + end) / 2
    return f"M{box.x:.1f} {start:.0f}C{box.x:.1f} {bend:.0f} {child.x:.1f} {bend:.0f} {child.x:.1f} {end:.0f}"


def _box(box: _Box) -> SafeString:
    return format_html(
        '<g class="tree__node tree__node--{}"><title>{}</title>'
        '<rect x="{}" y="{}" width="{}" height="{}" rx="{}"/><text x="{}" y="{}">{}</text></g>',
        box.kind,
        box.title,
        f"{box.x - box.width / 2:.1f}",
        f"{box.y:.0f}",
        f"{box.width:.1f}",
        HEIGHT,
        HEIGHT // 2 if box.kind == "operand" else 6,
        f"{box.x:.1f}",
        f"{box.y + HEIGHT / 2 + 5:.0f}",
        box.label,
    )
