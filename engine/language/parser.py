"""Reads a rule's text: a recursive-descent parser whose errors say where and what is allowed.

rule   := { name "=" sum ";" } sum
sum    := term { ("+" | "-") term }
term   := signed { ("*" | "/") signed }
signed := "-" signed | power
power  := atom [ "^" signed ]
atom   := number | name [ "(" arguments ")" ] | "(" sum ")"
"""

from __future__ import annotations

from engine.errors import RuleError
from engine.language.lexer import Lexeme, lexemes
from engine.language.primitives import PRIMITIVES, Parameter, Primitive
from engine.language.tree import Binary, Node, Operand, Unary, constant, constant_value

MAX_DEPTH, MAX_PARTS, MAX_LINKS = 60, 2000, 250  # trees stay small enough to walk; any rule of a space fits
_ALIASES = {"pow": "^", "div": "/", "minus": "neg"}
_POWERS = {2.0: "g2", 3.0: "g3"}


def parse(text: str) -> Node:
    """The tree of a rule's text.

    Raises:
        RuleError: the text is no rule; the message names the place, what stands there and what is allowed.
    """
    return _Parser(lexemes(text)).rule()


class _Parser:
    def __init__(self, lexemes: list[Lexeme]) -> None:
        self.lexemes, self.at, self.depth, self.draws, self.links = lexemes, 0, 0, 0, 0
        if len(lexemes) > MAX_PARTS:
            raise self.error(f"The rule has more than {MAX_PARTS} parts", lexemes[MAX_PARTS])
        self.names: dict[str, Node] = {}

    @property
    def next(self) -> Lexeme:
        return self.lexemes[self.at]

    def take(self) -> Lexeme:
        self.at += 1
        return self.lexemes[self.at - 1]

    def accept(self, *marks: str) -> str | None:
        return self.take().text if self.next.kind == "mark" and self.next.text in marks else None

    def expect(self, mark: str, where: str) -> None:
        if not self.accept(mark):
            raise self.error(f"“{mark}” is missing {where}")

    def error(self, what: str, lexeme: Lexeme | None = None) -> RuleError:
        lexeme = lexeme or self.next
        place = "at the end" if lexeme.kind == "end" else f"at character {lexeme.position + 1}, “{lexeme.text}”"
        return RuleError(f"{what} ({place}).", lexeme.position)

    def rule(self) -> Node:
        while self.next.kind == "name" and self.lexemes[self.at + 1].text == "=":
            self.binding()
        tree = self.sum()
        if self.next.kind != "end":
            raise self.error("The rule should end here, or go on with + - * / or ^")
        return tree

    def binding(self) -> None:
        name = self.take()
        if name.text in PRIMITIVES or name.text in self.names or name.text in _ALIASES:
            raise self.error("This name is taken; choose another", name)
        self.take()
        self.names[name.text] = self.sum()
        self.expect(";", f"after the definition of {name.text}")

    def sum(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"The rule is nested more than {MAX_DEPTH} deep")
        node = self.term()
        while mark := self.accept("+", "-"):
            node = self.linked(Binary(mark, node, self.term()))
        self.depth -= 1
        return node

    def term(self) -> Node:
        node = self.signed()
        while mark := self.accept("*", "/"):
            node = self.linked(Binary(mark, node, self.signed(), PRIMITIVES[mark].defaults))
        return node

    def linked(self, node: Node) -> Node:
        """A chain such as g + g + … nests to the left, one level for each link."""
        self.links += 1
        if self.links > MAX_LINKS:
            raise self.error(f"The rule has more than {MAX_LINKS} binary functions")
        return node

    def signed(self) -> Node:
        minuses = 0
        while self.accept("-"):
            minuses += 1
        if minuses > MAX_DEPTH:
            raise self.error(f"More than {MAX_DEPTH} minus signs in a row")
        node = self.power()
        for _ in range(minuses):
            value = constant_value(node)
            node = Unary("neg", node) if value is None else constant(-value)
        return node

    def power(self) -> Node:
        euler = self.next.text == "e" and "e" not in self.names
        base = self.euler() if euler else self.atom()
        if not self.accept("^"):
            return base
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"The rule is nested more than {MAX_DEPTH} deep")
        exponent = self.signed()
        self.depth -= 1
        if euler:
            return Unary("exp", exponent)
        short = _POWERS.get(constant_value(exponent) or 0.0)
        return Operand(short) if short and base == Operand("g") else Binary("^", base, exponent)

    def euler(self) -> Node:
        lexeme = self.take()
        if self.next.text != "^":
            raise self.error("e stands only before ^, as in e^(x)", lexeme)
        return constant(1.0)  # Replaced by exp as soon as the exponent is read.

    def atom(self) -> Node:
        if self.accept("("):
            node = self.sum()
            self.expect(")", "after what stands in brackets")
            return node
        if self.next.kind == "number":
            lexeme = self.take()
            return Operand("const", self.checked(PRIMITIVES["const"], [float(lexeme.text)], lexeme))
        if self.next.kind == "name":
            return self.named()
        raise self.error("An operand, a function, a number or “(” should stand here")

    def named(self) -> Node:
        lexeme = self.take()
        name = _ALIASES.get(lexeme.text, lexeme.text)
        if name in self.names:
            return self.names[name]
        primitive = PRIMITIVES.get(name)
        if primitive is None or name in ("x", "const"):
            raise self.error(f"Unknown name; known are {_known()}", lexeme)
        arguments = self.arguments() if self.accept("(") else []
        return self.applied(primitive, arguments, lexeme)

    def arguments(self) -> list[Node]:
        found = [self.sum()]
        while self.accept(","):
            found.append(self.sum())
        self.expect(")", "after the arguments")
        return found

    def applied(self, primitive: Primitive, arguments: list[Node], lexeme: Lexeme) -> Node:
        arity = {"operand": 0, "unary": 1, "binary": 2}[primitive.kind]
        if not arity <= len(arguments) <= arity + len(primitive.parameters):
            raise self.error(f"{lexeme.text} takes {_signature(primitive, arity)}, not {len(arguments)} values", lexeme)
        values = self.checked(primitive, [self.number(node, lexeme) for node in arguments[arity:]], lexeme)
        if primitive.kind == "operand":
            return Operand(primitive.name, values)
        if primitive.kind == "unary":
            self.draws += 1
            return Unary(primitive.name, arguments[0], values, self.draws if "random" in primitive.needs else 0)
        return Binary(primitive.name, arguments[0], arguments[1], values)

    def checked(self, primitive: Primitive, values: list[float], lexeme: Lexeme) -> tuple[float, ...]:
        try:
            return checked(primitive, values)
        except RuleError as error:
            raise self.error(str(error).rstrip("."), lexeme) from None

    def number(self, node: Node, lexeme: Lexeme) -> float:
        value = constant_value(node)
        if value is None:
            raise self.error(f"The parameters of {lexeme.text} are plain numbers", lexeme)
        return value


def checked(primitive: Primitive, values: list[float]) -> tuple[float, ...]:
    """The values with defaults for those not given.

    Raises:
        RuleError: a value is out of its parameter's range, or there are too many.
    """
    if len(values) > len(primitive.parameters):
        raise RuleError(f"{primitive.name} has {len(primitive.parameters)} parameters, not {len(values)}.")
    filled = (*values, *primitive.defaults[len(values) :])
    for parameter, value in zip(primitive.parameters, filled, strict=True):
        _check(primitive, parameter, value)
    return filled


def _check(primitive: Primitive, parameter: Parameter, value: float) -> None:
    if not parameter.accepts(value):
        raise RuleError(f"{primitive.name}: {parameter.name} is {value:g}; allowed is {parameter.allowed}.")


def _signature(primitive: Primitive, arity: int) -> str:
    names = [*["an argument", "two arguments"][arity - 1 : arity], *(p.name for p in primitive.parameters)]
    return " and ".join(names) if names else "no values"


def _known() -> str:
    """Operands and functions as they are written in a rule, each kind by itself."""
    written = {"g2": "g^2", "g3": "g^3", "const": "numbers"}
    operands = [written.get(row.name, row.name) for row in PRIMITIVES.values() if row.kind == "operand"]
    functions = [row.name for row in PRIMITIVES.values() if row.kind == "unary" and row.name not in ("x", "neg")]
    return f"the operands {', '.join(operands)} and the functions {', '.join(functions)}"
