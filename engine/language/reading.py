"""What a rule does, in plain sentences: from its tree and the table of primitives, the same for the same rule.

It says what follows from the tree and nothing else: never how well a rule trains, and no reason why it might.
"""

from __future__ import annotations

import math

from engine.language import numbers
from engine.language.facts import facts_of
from engine.language.phrases import Phrases
from engine.language.primitives import PRIMITIVES
from engine.language.rule import Rule
from engine.language.switches import Switch, switch
from engine.language.tree import Binary, Node, Operand, Unary, constant_value, walk

_ALONE = {  # rules that are one operand, which the field knows by a name
    "g": "The step is the gradient itself: stochastic gradient descent.",
    "m": "The step is the running average of the gradient, so past gradients go on acting: momentum.",
    "adam": "The step is Adam’s update: the running average of the gradient divided by the square root of that of the "
    "squared gradient, so every weight moves at a similar pace whatever the size of its gradients.",
    "rmsprop": "The step is RMSProp’s update: the gradient divided by the square root of the running average of its "
    "square, so every weight moves at a similar pace whatever the size of its gradients.",
    "lion": "The step is Lion’s update: the sign of a mix of the gradient and its running average, so every weight "
    "moves by the learning rate, up or down.",
}
_ORDINALS = ("first", "second", "third", "fourth", *(f"{n}th" for n in range(5, 100)))
_USUAL_PAIR = {"the gradient", "the running average of the gradient"}


def read(rule: Rule) -> list[str]:
    """One to about ten sentences on the rule in its canonical form, as it is trained."""
    tree, said = rule.canonical.tree, Phrases()
    return [*_what(tree, said), *said.rest(), *facts_of(tree, is_known=_is_known(tree))]


def _what(tree: Node, said: Phrases) -> list[str]:
    if _is_known(tree):
        return [_ALONE[tree.name]]
    terms = _terms(tree)
    return _sum(terms, said) if len(terms) > 1 else _product(tree, said)


def _is_known(tree: Node) -> bool:
    return isinstance(tree, Operand) and tree.name in _ALONE and tree.values == PRIMITIVES[tree.name].defaults


def _sum(terms: list[tuple[int, Node]], said: Phrases) -> list[str]:
    names = [f"{'minus ' if sign < 0 else ''}{said.say(term)}" for sign, term in terms]
    count = {2: "two", 3: "three", 4: "four"}.get(len(terms), str(len(terms)))
    sentences = [f"The step is the sum of {count} parts: {'; '.join(names)}."]
    for place, (sign, term) in enumerate(terms):
        found = [one for factor in _factors(term) if (one := switch(factor)) is not None]
        if len(found) < len(_factors(term)):
            sentences += [sentence for one in found for sentence in _switch(one, f"the {_ORDINALS[place]} part")]
        sentences += _decay_of_weights(sign, term)
    return sentences


def _decay_of_weights(sign: int, term: Node) -> list[str]:
    """A multiple of the weights among the terms: w ← w − λ·c·w."""
    scale = 1.0
    for factor in _factors(term):
        if isinstance(factor, Operand) and factor.name == "w":
            scale *= factor.values[0]
        elif (value := constant_value(factor)) is not None:
            scale *= value
        else:
            return []
    if not any(isinstance(factor, Operand) and factor.name == "w" for factor in _factors(term)):
        return []
    if sign * scale > 0:
        return [f"The part with the weights shrinks each by λ·{numbers.mathml(abs(scale))} of itself: weight decay."]
    return [f"The part with the weights grows each by λ·{numbers.mathml(abs(scale))} of itself."]


def _product(tree: Node, said: Phrases) -> list[str]:
    """A base that is scaled by factors that only switch; anything else as one phrase."""
    factors = _factors(tree)
    switches = [one for factor in factors if (one := switch(factor)) is not None]
    rest = [factor for factor in factors if switch(factor) is None]
    if not switches or all(_is_number(factor) for factor in rest):
        return [f"The step is {said.say(tree)}."]
    base = " times ".join(said.say(factor) for factor in rest)
    return [
        f"The step is {base}, scaled entry by entry.",
        *(sentence for one in switches for sentence in _switch(one, "the step")),
    ]


def _is_number(node: Node) -> bool:
    return all(one.name == "const" for one in walk(node) if isinstance(one, Operand))


def _switch(one: Switch, subject: str) -> list[str]:
    """What the factor does to its subject: “the step”, or “the first part” of a sum."""
    start = _cases(one, one.values, subject)
    if one.faded is None:
        return [f"{start[0].upper()}{start[1:]}."]
    return [f"With {one.decay} at 1, {start}; with it at 0, {_cases(one, one.faded, subject)}."]


def _cases(one: Switch, values: tuple[float, float], subject: str) -> str:
    if values[0] == values[1]:
        return f"{subject} is {_length(values[0])} everywhere"
    if len(one.signs) == 2:
        pair = "the gradient and its running average" if set(one.signs) == _USUAL_PAIR else " and ".join(one.signs)
        where, otherwise = f"where {pair} agree in sign", "where they disagree"
    else:
        where, otherwise = f"where {one.signs[0]} is positive", "where it is negative"
    return f"{where} {subject} is {_length(values[0])}, {otherwise} it is {_length(values[1])}"


def _length(value: float) -> str:
    """How a factor changes a step."""
    size, turned = abs(value), " and turned around" if value < 0 else ""
    if size < 1e-12:
        return "0"
    if math.isclose(size, 1):
        return "as it is" if value > 0 else "turned around"
    return (f"{_times(size)} times longer" if size > 1 else f"{_times(1 / size)} times shorter") + turned


def _times(value: float) -> str:
    return "e" if math.isclose(value, math.e, rel_tol=1e-6) else f"{value:.3g}"


def _terms(tree: Node, sign: int = 1) -> list[tuple[int, Node]]:
    """The terms of a sum, each with its sign."""
    if isinstance(tree, Binary) and tree.name in ("+", "-"):
        return [*_terms(tree.left, sign), *_terms(tree.right, sign if tree.name == "+" else -sign)]
    if isinstance(tree, Unary) and tree.name == "neg":
        return _terms(tree.x, -sign)
    return [(sign, tree)]


def _factors(tree: Node) -> list[Node]:
    if isinstance(tree, Binary) and tree.name == "*":
        return [*_factors(tree.left), *_factors(tree.right)]
    return [tree]
