"""A rule as straight-line Python over lists of tensors: one ``torch._foreach`` call for all parameters at once.

RuleOptimizer runs these lines, and an optimizer file has them written out. Each call computes what the rule's own
expression computes on one tensor, by the same operation, so that the two paths agree bit for bit. What a torch
function over lists cannot do exactly alike is left to operations that can: ``x - c`` is ``x + (-c)``, and a number to
the left of a quotient is a list of that number.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.language import printer
from engine.language.averages import Average, of_operand, of_signs_only, of_tree
from engine.language.rule import Rule
from engine.language.tree import Binary, Node, Operand, Unary
from engine.lowering.calls import Call, Line, Step
from engine.lowering.render import rendered

_NUMBERS = {"const", "ld", "cd", "rd"}


def list_lines(rule: Rule) -> list[str] | None:
    """The lines of a function that returns λ·Δ for lists of tensors; None for a rule with random draws.

    The function is given ``gs``, ``ws`` (lists of gradients and weights), ``averages`` (lists by their key), ``t``,
    ``total`` and ``lr``; it updates the averages in place. ``number`` makes a 0-dimensional tensor of a factor, which
    torch would else make anew for each member of the list.
    """
    if rule.uses("random"):
        return None
    lowering = _Lowering(of_signs_only(rule.tree))
    averages = of_tree(rule.tree)
    head = [f'{_name(average)} = averages["{average.key}"]' for average in averages]
    for average in averages:
        if not average.read_before:
            lowering.update(average)
    delta = lowering.result(rule.tree)
    for average in averages:
        if average.read_before:
            lowering.update(average)
    lines = rendered(lowering.steps, delta)
    # Constants take their device and data type from a gradient.
    return [*(["g = gs[0]"] if any("constant(g," in line for line in lines) else []), *head, *lines]


def _name(average: Average) -> str:
    return average.key.replace(".", "_")


def _is_number(node: Node) -> bool:
    if isinstance(node, Binary):
        return _is_number(node.left) and (node.name == "left" or _is_number(node.right))
    return _is_number(node.x) if isinstance(node, Unary) else node.name in _NUMBERS


@dataclass
class _Lowering:
    """Collects calls; equal calls are made once."""

    signs_only: set[Average]
    steps: list[Step] = field(default_factory=list)
    known: dict[tuple[str, ...], str] = field(default_factory=dict)

    def call(self, function: str, *arguments: str) -> str:
        key = (function, *arguments)
        if key not in self.known:
            self.known[key] = f"x{len(self.known) + 1}"
            self.steps.append(Call(self.known[key], function, arguments))
        return self.known[key]

    def number(self, node: Node) -> str:
        """A 0-dimensional tensor, computed as the rule's expression computes it."""
        written = printer.write(node, "python")
        if (written,) not in self.known:
            name = self.known[(written,)] = f"c{len(self.known) + 1}"
            self.steps.append(Line(f"{name} = {written}"))
        return self.known[(written,)]

    def spread(self, node: Node) -> str:
        """A list that repeats a number."""
        return f"[{self.number(node)}] * len(gs)"

    def update(self, average: Average) -> None:
        self.steps.append(Call("", "mul_", (_name(average), f"number({average.beta!r})")))
        power = self.power(average.power)
        self.steps.append(Call("", "add_", (_name(average), power, f"alpha=1 - {average.beta!r}")))

    def power(self, power: int) -> str:
        return "gs" if power == 1 else self.call("mul", self.power(power - 1), "gs")

    def result(self, tree: Node) -> str:
        """The name of λ·Δ."""
        if not _is_number(tree):
            return self.call("mul", self.list(tree), "number(lr)")
        return f"[{self.number(tree)} * lr] * len(gs)"

    def list(self, node: Node) -> str:
        if isinstance(node, Operand):
            return self.operand(node)
        return self.unary(node) if isinstance(node, Unary) else self.binary(node)

    def operand(self, node: Operand) -> str:
        if node.name in ("g", "g2", "g3"):
            return self.power({"g": 1, "g2": 2, "g3": 3}[node.name])
        values = {p.name: repr(value) for p, value in zip(node.primitive.parameters, node.values, strict=True)}
        read = {name: self.average(average) for name, average in of_operand(node).items()}
        if node.name == "w":
            return self.call("mul", "ws", f"number({values['scale']})")
        if node.name in ("adam", "rmsprop"):
            root = self.call("add", self.call("sqrt", read["v"]), values["eps"])
            return self.call("div", read.get("m", "gs"), root)
        if node.name == "lion":
            old = self.call("mul", read["m_before"], f"number({values['beta1']})")
            return self.call("sign", self.call("add", old, self.call("mul", "gs", f"number(1 - {values['beta1']})")))
        (average,) = read.values()
        return average

    def average(self, average: Average) -> str:
        if average in self.signs_only or average.read_before:
            return _name(average)
        return self.call("mul", _name(average), f"number(1 / (1 - {average.beta!r} ** (t + 1)))")

    def unary(self, node: Unary) -> str:
        x = self.list(node.x)
        if node.name == "x":
            return x
        if node.name in ("log", "sqrt"):
            return self.call(node.name, self.call("abs", x))
        if node.name == "clip":
            limit = repr(node.values[0])
            return self.call("clamp_max", self.call("clamp_min", x, f"-{limit}"), limit)
        return self.call(node.name, x)

    def binary(self, node: Binary) -> str:
        if node.name == "left":
            return self.list(node.left)
        if _is_number(node.left) and not _is_number(node.right):
            return self.number_first(node)
        if _is_number(node.right):
            return self.number_last(node)
        left, right = self.list(node.left), self.list(node.right)
        if node.name == "/":
            right = self.call("add", right, repr(node.values[0]))
        return self.call({"+": "add", "-": "sub", "*": "mul", "/": "div", "^": "pow"}[node.name], left, right)

    def number_last(self, node: Binary) -> str:
        left = self.list(node.left)
        if node.name == "^":
            return self.call("pow", left, self.spread(node.right))
        number = self.number(node.right)
        if node.name == "/":
            return self.call("div", left, f"{number} + {node.values[0]!r}")
        if node.name == "-":
            return self.call("add", left, f"-{number}")
        return self.call({"+": "add", "*": "mul"}[node.name], left, number)

    def number_first(self, node: Binary) -> str:
        right = self.list(node.right)
        if node.name == "-":
            return self.call("add", self.call("neg", right), self.number(node.left))
        if node.name in "+*":
            return self.call({"+": "add", "*": "mul"}[node.name], right, self.number(node.left))
        if node.name == "/":
            return self.call("div", self.spread(node.left), self.call("add", right, repr(node.values[0])))
        return self.call("pow", self.spread(node.left), right)
