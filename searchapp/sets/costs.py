"""What a primitive costs the optimizer that uses it: state, random numbers, the number of steps in all."""

from __future__ import annotations

from collections.abc import Iterable

from engine.errors import RuleError
from engine.language import averages
from engine.language.averages import Average
from engine.language.primitives import Primitive
from engine.language.tokens import parse_operand
from engine.language.tree import Node, walk

SYMBOLS = {"m": "m̂", "v": "v̂", "gamma": "γ̂", "m_before": "m of the step before"}
FREE = "none, it keeps no state"
STEP = "counts the steps"
TOTAL = "needs the number of steps in all, T"
RANDOM = "draws random numbers at every step"


def of_primitive(primitive: Primitive) -> list[str]:
    """The cost of the primitive with its default parameters, in words."""
    kept = [Average(name, _default(primitive, parameter)) for name, parameter in primitive.averages]
    return _words(kept, set(primitive.needs))


def of_tree(tree: Node) -> list[str]:
    """The cost of an operand token, which may be a small expression."""
    needs = {need for node in walk(tree) for need in node.primitive.needs}
    return _words(averages.of_tree(tree), needs)


def state_of(operands: Iterable[str]) -> list[str]:
    """The running averages that rules of these operand tokens can need, each once: one number a weight for each."""
    found: dict[Average, None] = {}
    for text in operands:
        try:
            found.update(dict.fromkeys(averages.of_tree(parse_operand(text))))
        except RuleError:  # a token of an older version
            continue
    return [_symbol(average) for average in found]


def _default(primitive: Primitive, parameter: str) -> float:
    return next(p.default for p in primitive.parameters if p.name == parameter)


def _words(kept: list[Average], needs: set[str]) -> list[str]:
    words = []
    if kept:
        count = "one number" if len(kept) == 1 else f"{len(kept)} numbers"
        words.append(f"keeps {count} for each weight: {' and '.join(map(_symbol, kept))}")
    if "total" in needs:
        words.append(TOTAL)
    elif "step" in needs and not kept:
        words.append(STEP)
    if "random" in needs:
        words.append(RANDOM)
    return words or [FREE]


def _symbol(average: Average) -> str:
    return f"{SYMBOLS[average.name]} (β = {average.beta:g})"
