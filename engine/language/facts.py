"""What holds for every gradient and every step of a rule, in sentences."""

from __future__ import annotations

import math

from engine.language import averages, numbers
from engine.language.bearings import degree, pointer, value_range
from engine.language.primitives import PRIMITIVES
from engine.language.switches import DECAYS
from engine.language.tree import Node, Operand, walk

_POINTS = {
    "g": "against the gradient, as in gradient descent",
    "m": "against the running average of the gradient, as with momentum",
    "gamma": "against the running average of the cubed gradient",
    "lion": "against Lion’s mix of the gradient and its running average",
    "w": "towards 0, whatever the gradient",
}
_AGAINST = {
    "g": "along the gradient, up the loss to first order",
    "m": "along the running average of the gradient, away from where momentum goes",
    "gamma": "along the running average of the cubed gradient",
    "lion": "the other way than Lion’s",
    "w": "away from 0, whatever the gradient",
}


def facts_of(tree: Node, *, is_known: bool = False) -> list[str]:
    """What holds for every gradient: direction, bound, scale, memory, schedule, chance.

    Args:
        is_known: the rule has a name in the field, and where it points was said with it.
    """
    names = {node.name for node in walk(tree)}
    facts = [*([] if is_known else _direction(tree)), *_bound(tree), *_scale(tree, names)]
    kept = {average.key for node in walk(tree) if isinstance(node, Operand) for average in _averages(node)}
    if kept:
        facts.append(f"It keeps {_count(len(kept), 'running average')} for each weight.")
    for name in DECAYS:
        if name in names:
            help_text = PRIMITIVES[name].help.rstrip(".")
            facts.append(f"{help_text}; T is the number of steps, which has to be known beforehand.")
    if names & {"noise", "anneal", "drop"}:
        facts.append("It draws random numbers at every step.")
    return facts


def _averages(node: Operand) -> list[averages.Average]:
    return list(averages.of_operand(node).values())


def _direction(tree: Node) -> list[str]:
    reads_gradient = any("g" in node.primitive.needs for node in walk(tree))
    found = pointer(tree)
    if found is not None:
        return [f"Every entry that moves, moves {(_POINTS if found[1] > 0 else _AGAINST)[found[0]]}."]
    if not reads_gradient:
        return ["It does not read the gradient, so the loss has no say in its steps."]
    low, high = value_range(tree)
    if low >= 0 or high <= 0:
        sense = "lowers every weight or leaves it" if low >= 0 else "raises every weight or leaves it"
        return [f"The step never changes its sign: it {sense}, whichever way the gradient points."]
    return []


def _bound(tree: Node) -> list[str]:
    low, high = value_range(tree)
    largest = max(abs(low), abs(high))
    if not math.isfinite(largest) or (isinstance(tree, Operand) and tree.name == "lion") or largest == 0:
        return []
    return [f"No weight moves by more than λ·{numbers.mathml(float(f'{largest:.4g}'))} in one step."]


def _scale(tree: Node, names: set[str]) -> list[str]:
    power = degree(tree)
    if power is None or not any("g" in node.primitive.needs for node in walk(tree)):
        return []
    aside = ", as long as ε and δ are small against what they are added to" if names & {"adam", "rmsprop", "/"} else ""
    if power == 0:
        return [f"Were all gradients ten times as large, the step would be the same{aside}."]
    times = numbers.mathml(float(f"{10.0**power:.3g}"))
    return [f"Were all gradients ten times as large, the step would be {times} times as large{aside}."]


def _count(number: int, noun: str) -> str:
    return f"one {noun}" if number == 1 else f"{ {2: 'two', 3: 'three'}.get(number, str(number)) } {noun}s"
