"""Which running averages a rule keeps, and what they are called: several primitives may read the same one."""

from __future__ import annotations

from dataclasses import dataclass

from engine.language.tree import Node, Operand, walk

POWERS = {"m": 1, "v": 2, "gamma": 3}


@dataclass(frozen=True, slots=True)
class Average:
    """a ← β·a + (1 − β)·g^power from a = 0; its bias-corrected value is a / (1 − β^t) at the t-th step."""

    name: str
    beta: float

    @property
    def power(self) -> int:
        return POWERS[self.name]

    @property
    def key(self) -> str:
        """Its name in an optimizer's state: ``m``, or ``m_0.5`` for another decay than the usual one."""
        usual = {"m": 0.9, "v": 0.999, "gamma": 0.999}[self.name]
        return self.name if self.beta == usual else f"{self.name}_{self.beta!r}"


def of_operand(operand: Operand) -> dict[str, Average]:
    """The averages that an operand reads, by the name that its Python template calls them."""
    values = {p.name: value for p, value in zip(operand.primitive.parameters, operand.values, strict=True)}
    return {name: Average(name, values[parameter]) for name, parameter in operand.primitive.averages}


def of_tree(tree: Node) -> list[Average]:
    """Every average once, in the order of first use."""
    found: dict[Average, None] = {}
    for node in walk(tree):
        if isinstance(node, Operand):
            found.update(dict.fromkeys(of_operand(node).values()))
    return list(found)
