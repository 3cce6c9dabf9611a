"""A tree as a phrase: what each operand and function is called in a sentence. Long parts get a letter of their own."""

from __future__ import annotations

from collections.abc import Callable

from engine.language import numbers
from engine.language.primitives import PRIMITIVES
from engine.language.tree import Binary, Node, Operand, Unary, walk

LONGEST = 6  # operands and functions in one phrase; what is longer is named and said apart
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_OPERANDS = {
    "g": "the gradient",
    "g2": "the squared gradient",
    "g3": "the cubed gradient",
    "m": "the running average of the gradient",
    "v": "the running average of the squared gradient",
    "gamma": "the running average of the cubed gradient",
    "adam": "Adam’s update",
    "rmsprop": "RMSProp’s update",
    "lion": "Lion’s update",
    "ld": "the linear decay",
    "cd": "the cyclical decay",
    "rd": "the restart decay",
}
_UNARIES: dict[str, Callable[[str, str], str]] = {
    "x": lambda x, value: x,
    "neg": lambda x, value: f"minus {x}",
    "exp": lambda x, value: f"e to the power of {x}",
    "log": lambda x, value: f"the logarithm of the size of {x}",
    "sqrt": lambda x, value: f"the square root of the size of {x}",
    "sign": lambda x, value: f"the sign of {x}",
    "clip": lambda x, value: f"{x}, held between −{value} and {value},",
    "drop": lambda x, value: f"{x}, of which entries are set to 0 at random with probability {value},",
}
_BINARIES = {
    "+": "{x} plus {y}",
    "-": "{x} minus {y}",
    "*": "{x} times {y}",
    "/": "{x} divided by {y}",
    "^": "{x} to the power of {y}",
    "left": "{x}",
}


class Phrases:
    """Says nodes; parts that are too long for one phrase are collected in `named`, in the order they came up."""

    def __init__(self) -> None:
        self.named: dict[Node, str] = {}

    def say(self, node: Node) -> str:
        """A noun phrase that stands for the node."""
        return _tidy(self._say(node, is_top=True))

    def _say(self, node: Node, is_top: bool = False) -> str:
        if isinstance(node, Operand):
            return operand(node)
        if not is_top and self._is_long(node):
            return self._name(node)
        if isinstance(node, Unary):
            value = numbers.mathml(node.values[0]) if node.values else ""
            return _UNARIES[node.name](self._inner(node.x), value)
        assert isinstance(node, Binary)
        return _BINARIES[node.name].format(x=self._inner(node.left), y=self._inner(node.right))

    def _inner(self, node: Node) -> str:
        """An argument: a sum in a product, say, could be read both ways, so anything but a name is said in brackets."""
        said = self._say(node)
        return said if isinstance(node, Operand) or node in self.named else f"({said.rstrip(',')})"

    def _is_long(self, node: Node) -> bool:
        return node in self.named or sum(1 for _ in walk(node)) > LONGEST

    def _name(self, node: Node) -> str:
        letter = self.named.setdefault(node, _letter(len(self.named)))
        return letter

    def rest(self) -> list[str]:
        """“A is …” for every part that was named, and for those that are named while saying so."""
        sentences, done = list[str](), 0
        while done < len(self.named):
            node, letter = list(self.named.items())[done]
            sentences.append(f"{letter} is {self.say(node)}.")
            done += 1
        return sentences


def operand(node: Operand) -> str:
    """What an operand is called; parameters other than the defaults are said."""
    name, values = node.name, node.values
    written = [numbers.mathml(value) for value in values]
    if name == "const":
        return written[0]
    if name == "w":
        return "the weights" if values == (1.0,) else f"{written[0]} times the weights"
    if name == "noise":
        return f"Gaussian noise of variance {written[0]}"
    if name == "anneal":
        return "Gaussian noise that fades"
    said = _OPERANDS.get(name, f"the {PRIMITIVES[name].title}")
    if values == PRIMITIVES[name].defaults:
        return said
    names = [parameter.name for parameter in PRIMITIVES[name].parameters]
    set_to = ", ".join(f"{one} {value}" for one, value in zip(names, written, strict=True))
    return f"{said} ({set_to})"


def _letter(count: int) -> str:
    return _LETTERS[count] if count < len(_LETTERS) else f"{_LETTERS[count % 26]}{count // 26}"


def _tidy(text: str) -> str:
    return text.rstrip(",")
