"""A rule compiled once into a list of instructions; equal parts of the tree are computed once a step."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from engine.language.averages import Average, of_operand, of_signs_only, of_tree
from engine.language.rule import Rule
from engine.language.tree import Node, Operand, Unary, children
from engine.optim import random_draws
from engine.optim.functions import BINARIES, OPERANDS, UNARIES, Step

Instruction = Callable[[Step, list[Tensor]], Tensor]


class Program:
    """Computes Δ of one parameter from a Step."""

    def __init__(self, rule: Rule) -> None:
        self.averages: tuple[Average, ...] = tuple(of_tree(rule.tree))
        self.signs_only = of_signs_only(rule.tree)
        self.is_random = rule.uses("random")
        self.needs_total = rule.needs_total_steps
        self._instructions: list[Instruction] = []
        self._compile(rule.tree, {})

    def read(self, g: Tensor, running: list[Tensor], step: int) -> dict[str, Tensor]:
        """What operands read of the running averages at the step-th step, by key; updates those read afterwards."""
        values = {}
        for average, value in zip(self.averages, running, strict=True):
            if not average.read_before:
                _update(average, value, g)
            corrected = not average.read_before and average not in self.signs_only
            values[average.key] = value * (1 / (1 - average.beta**step)) if corrected else value
        return values

    def finish(self, g: Tensor, running: list[Tensor]) -> None:
        """Updates the averages that are read as the step before left them."""
        for average, value in zip(self.averages, running, strict=True):
            if average.read_before:
                _update(average, value, g)

    def __call__(self, step: Step) -> Tensor:
        """Δ, in the gradient's shape or 0-dimensional where the rule is a number."""
        registers: list[Tensor] = []
        for instruction in self._instructions:
            registers.append(instruction(step, registers))
        return registers[-1]

    def _compile(self, node: Node, places: dict[Node, int]) -> int:
        if node not in places:
            arguments = [self._compile(child, places) for child in children(node)]
            self._instructions.append(_instruction(node, arguments))
            places[node] = len(self._instructions) - 1
        return places[node]


def _update(average: Average, running: Tensor, g: Tensor) -> None:
    power = g if average.power == 1 else g * g if average.power == 2 else g * g * g
    running.mul_(average.beta).add_(power, alpha=1 - average.beta)


def _instruction(node: Node, arguments: list[int]) -> Instruction:
    if isinstance(node, Operand):
        return _operand(node)
    values = node.values
    if isinstance(node, Unary):
        (x,) = arguments
        if node.name == "drop":
            return lambda step, r: random_draws.drop(r[x], values[0], step.drawn, step.random())
        unary = UNARIES[node.name]
        return lambda step, r: unary(r[x], *values)
    left, right = arguments
    binary = BINARIES[node.name]
    return lambda step, r: binary(r[left], r[right], *values)


def _operand(node: Operand) -> Instruction:
    """Averages come by name, other parameters by value."""
    function = OPERANDS[node.name]
    keys = {name: average.key for name, average in of_operand(node).items()}
    decays = {parameter for _, parameter in node.primitive.averages}
    pairs = zip(node.primitive.parameters, node.values, strict=True)
    numbers = {parameter.name: value for parameter, value in pairs if parameter.name not in decays}
    return lambda step, _: function(step, **{n: step.averages[key] for n, key in keys.items()}, **numbers)
