"""Which running averages a rule keeps, and what they are called: several primitives may read the same one."""

from __future__ import annotations

from dataclasses import dataclass

from engine.language.tree import Node, Operand, Unary, children, walk

POWERS = {"m": 1, "v": 2, "gamma": 3, "m_before": 1}
_USUAL = {"m": 0.9, "v": 0.999, "gamma": 0.999, "m_before": 0.99}


@dataclass(frozen=True, slots=True)
class Average:
    """a ← β·a + (1 − β)·g^power from a = 0; its bias-corrected value is a / (1 − β^t) at the t-th step."""

    name: str
    beta: float

    @property
    def power(self) -> int:
        return POWERS[self.name]

    @property
    def read_before(self) -> bool:
        """Whether it is read as the step before left it, uncorrected, and updated only then (Lion's momentum)."""
        return self.name == "m_before"

    @property
    def key(self) -> str:
        """Its name in an optimizer's state: ``m``, or ``m_0.5`` for another decay than the usual one."""
        return self.name if self.beta == _USUAL[self.name] else f"{self.name}_{self.beta!r}"


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


def of_signs_only(tree: Node) -> set[Average]:
    """Averages of which only the sign is used: they need no bias correction, as its factor is positive."""
    found = set(of_tree(tree))
    for node in walk(tree):
        for child in children(node):
            if isinstance(child, Operand) and not _is_signed(node, child):
                found -= set(of_operand(child).values())
    return found - set(of_operand(tree).values()) if isinstance(tree, Operand) else found


def _is_signed(parent: Node, operand: Operand) -> bool:
    return isinstance(parent, Unary) and parent.name == "sign" and operand.name in POWERS
