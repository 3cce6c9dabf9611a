"""The one table of the rule language: every operand, unary and binary function, one row each.

A row tells all that the rest of the engine needs to know of a primitive, as strings and numbers: how it is
written in a rule's text, in LaTeX and in MathML, the Python expression that computes it, which state
it needs, and its parameters. Forms, masks, exports, contract tests and docs follow from this table. No torch here.

Placeholders in the templates: ``{x}`` and ``{y}`` are the arguments, any other ``{name}`` is a parameter; in
Python templates ``{name}`` becomes a literal. Source: Bello et al. 2017, section 4 (search space), and its appendix.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["operand", "unary", "binary"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number that adjusts a primitive. ``low`` and ``high`` are allowed themselves unless ``open_low``."""

    name: str
    default: float
    low: float
    high: float
    help: str
    open_low: bool = False

    def accepts(self, value: float) -> bool:
        return (self.low < value if self.open_low else self.low <= value) and value <= self.high

    @property
    def allowed(self) -> str:
        return f"{'more than' if self.open_low else 'from'} {self.low:g} to {self.high:g}"


@dataclass(frozen=True, slots=True)
class Primitive:
    """One row of the table.

    Attributes:
        needs: what it reads besides its arguments: ``g``, ``w``, ``m``, ``v``, ``gamma`` (running averages of
            g, g² and g³), ``step`` (t), ``total`` (T), ``random``.
        python: the expression that an exported optimizer file computes.
        averages: which running averages it reads, each as (name, parameter that holds its decay); Python templates
            refer to one by its name in braces, as several primitives share it.
        mathml: the body of a MathML ``mrow``.
        precedence: how tightly its printed form binds: 1 sum, 2 product, 3 sign, 4 power, 5 atom.
    """

    name: str
    kind: Kind
    title: str
    latex: str
    mathml: str
    python: str
    help: str
    needs: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    precedence: int = 5
    averages: tuple[tuple[str, str], ...] = ()

    @property
    def defaults(self) -> tuple[float, ...]:
        return tuple(parameter.default for parameter in self.parameters)


def _decay(name: str, default: float, help: str) -> Parameter:
    return Parameter(name, default, 0.0, 1.0 - 1e-9, help)


_BETA = "decay of the running average, less than 1"
_EPSILON = Parameter("eps", 1e-8, 0.0, 1.0, "added to the denominator", open_low=True)
_LION_BETA = _decay("beta1", 0.9, "weight of the running average against the gradient, less than 1")
_SCALE = Parameter("scale", 1.0, 0.0, 1.0, "factor before the weights", open_low=True)

# fmt: off
_OPERANDS = (
    Primitive("g", "operand", "gradient", "g", "<mi>g</mi>", "g", "The gradient of the loss.", ("g",)),
    Primitive("g2", "operand", "squared gradient", "g^2", "<msup><mi>g</mi><mn>2</mn></msup>", "g * g",
              "The gradient, squared element by element.", ("g",), precedence=4),
    Primitive("g3", "operand", "cubed gradient", "g^3", "<msup><mi>g</mi><mn>3</mn></msup>", "g * g * g",
              "The gradient to the third power: large entries count more, the sign stays.", ("g",), precedence=4),
    Primitive("m", "operand", "average of g", r"\hat{{m}}", "<mover><mi>m</mi><mo>^</mo></mover>",
              "{m}", "Bias-corrected running average of the gradient.", ("g", "m", "step"),
              (_decay("beta", 0.9, _BETA),), averages=(("m", "beta"),)),
    Primitive("v", "operand", "average of g²", r"\hat{{v}}", "<mover><mi>v</mi><mo>^</mo></mover>",
              "{v}", "Bias-corrected running average of the squared gradient.",
              ("g", "v", "step"), (_decay("beta", 0.999, _BETA),), averages=(("v", "beta"),)),
    Primitive("gamma", "operand", "average of g³", r"\hat{{\gamma}}", "<mover><mi>γ</mi><mo>^</mo></mover>",
              "{gamma}", "Bias-corrected running average of the cubed gradient.",
              ("g", "gamma", "step"), (_decay("beta", 0.999, _BETA),), averages=(("gamma", "beta"),)),
    Primitive("const", "operand", "constant", "{value}", "<mn>{value}</mn>", "constant(g, {value})", "A constant.",
              (), (Parameter("value", 1.0, -1e6, 1e6, "the number itself"),)),
    Primitive("noise", "operand", "noise", r"\varepsilon", "<mi>ε</mi>", "normal(g, {variance}**0.5, generator)",
              "Gaussian noise of mean 0, drawn once a step; the parameter is its variance.", ("random",),
              (Parameter("variance", 0.01, 0.0, 100.0, "variance of the noise", open_low=True),)),
    Primitive("w", "operand", "scaled weights", "{scale} w", "<mn>{scale}</mn><mi>w</mi>", "{scale} * w",
              "The weights themselves, scaled: weight decay when added to an update.", ("w",), (_SCALE,), precedence=2),
    Primitive("adam", "operand", "Adam", r"\mathrm{{Adam}}", "<mi>Adam</mi>",
              "{m} / ({v}.sqrt() + {eps})",
              "Adam's update: m̂ / (√v̂ + ε).", ("g", "m", "v", "step"),
              (_decay("beta1", 0.9, _BETA), _decay("beta2", 0.999, _BETA), _EPSILON),
              averages=(("m", "beta1"), ("v", "beta2"))),
    Primitive("rmsprop", "operand", "RMSProp", r"\mathrm{{RMSProp}}", "<mi>RMSProp</mi>",
              "g / ({v}.sqrt() + {eps})",
              "RMSProp's update: g / (√v̂ + ε).", ("g", "v", "step"), (_decay("beta", 0.999, _BETA), _EPSILON),
              averages=(("v", "beta"),)),
    Primitive("lion", "operand", "Lion", r"\mathrm{{Lion}}", "<mi>Lion</mi>",
              "torch.sign({m_before} * {beta1} + g * (1 - {beta1}))",
              "Lion's update: sign(β₁·m + (1 − β₁)·g), with m as the step before left it (Chen et al. 2023).",
              ("g", "m"), (_LION_BETA, _decay("beta2", 0.99, _BETA)), averages=(("m_before", "beta2"),)),
    Primitive("ld", "operand", "linear decay", r"\mathrm{{ld}}", "<mi>ld</mi>", "constant(g, linear_decay(t, total))",
              "Linear decay: 1 − t/T, from 1 at the start to 0 at the end.", ("step", "total")),
    Primitive("cd", "operand", "cyclical decay", r"\mathrm{{cd}}", "<mi>cd</mi>",
              "constant(g, cyclical_decay(t, total, {periods}))",
              "Cyclical decay: ½(1 + cos(2πn·t/T)) with n periods.", ("step", "total"),
              (Parameter("periods", 0.5, 0.0, 1000.0, "number of cosine periods", open_low=True),)),
    Primitive("rd", "operand", "restart decay", r"\mathrm{{rd}}", "<mi>rd</mi>",
              "constant(g, restart_decay(t, total, {periods}))",
              "Restart decay: ½(1 + cos(π·((t·n) mod T)/T)), which jumps back to 1 n times.", ("step", "total"),
              (Parameter("periods", 1.0, 0.0, 1000.0, "number of restarts", open_low=True),)),
    Primitive("anneal", "operand", "annealed noise", r"\varepsilon_t", "<msub><mi>ε</mi><mi>t</mi></msub>",
              "normal(g, (1 + t) ** (-0.5 * {power}), generator)",
              "Gaussian noise whose variance falls as 1/(1 + t)^0.55, drawn once a step.", ("step", "random"),
              (Parameter("power", 0.55, 0.0, 10.0, "power of the fall of the variance"),)),
)

_LIMIT = Parameter("limit", 1e-3, 0.0, 1e6, "largest absolute value that passes", open_low=True)
_RATE = Parameter("rate", 0.1, 0.0, 1.0 - 1e-9, "probability that an entry is set to 0")

_UNARIES = (
    Primitive("x", "unary", "identity", "{x}", "{x}", "{x}", "The argument itself."),
    Primitive("neg", "unary", "minus", "-{x}", "<mo>−</mo>{x}", "-{x}", "The argument with the other sign.",
              precedence=3),
    Primitive("exp", "unary", "exponential", "e^{{{x}}}", "<msup><mi>e</mi><mrow>{x}</mrow></msup>", "torch.exp({x})",
              "e to the power of the argument."),
    Primitive("log", "unary", "logarithm", r"\log\left|{x}\right|",
              '<mi>log</mi><mo form="prefix">|</mo>{x}<mo form="postfix">|</mo>',
              "torch.log(torch.abs({x}))", "Natural logarithm of the absolute value."),
    Primitive("sqrt", "unary", "square root", r"\sqrt{{\left|{x}\right|}}",
              '<msqrt><mo form="prefix">|</mo>{x}<mo form="postfix">|</mo></msqrt>',
              "torch.sqrt(torch.abs({x}))", "Square root of the absolute value."),
    Primitive("clip", "unary", "clip", r"\mathrm{{clip}}\left({x}, {limit}\right)",
              "<mi>clip</mi><mo>(</mo>{x}<mo>,</mo><mn>{limit}</mn><mo>)</mo>", "torch.clamp({x}, -{limit}, {limit})",
              "The argument, held between −limit and limit.", (), (_LIMIT,)),
    Primitive("drop", "unary", "drop", r"\mathrm{{drop}}\left({x}, {rate}\right)",
              "<mi>drop</mi><mo>(</mo>{x}<mo>,</mo><mn>{rate}</mn><mo>)</mo>", "drop({x}, {rate}, g, generator)",
              "Sets entries to 0 at random with the given probability; what survives is not rescaled.",
              ("random",), (_RATE,)),
    Primitive("sign", "unary", "sign", r"\mathrm{{sign}}\left({x}\right)",
              "<mi>sign</mi><mo>(</mo>{x}<mo>)</mo>", "torch.sign({x})", "−1, 0 or 1."),
)

_DELTA = Parameter("delta", 1e-8, 0.0, 1.0, "added to the denominator")

_BINARIES = (
    Primitive("+", "binary", "sum", "{x} + {y}", "{x}<mo>+</mo>{y}", "{x} + {y}", "Sum.", precedence=1),
    Primitive("-", "binary", "difference", "{x} - {y}", "{x}<mo>−</mo>{y}", "{x} - {y}", "Difference.", precedence=1),
    Primitive("*", "binary", "product", r"{x} \cdot {y}", "{x}<mo>·</mo>{y}", "{x} * {y}", "Product.", precedence=2),
    Primitive("/", "binary", "quotient", r"\frac{{{x}}}{{{y}}}", "<mfrac><mrow>{x}</mrow><mrow>{y}</mrow></mfrac>",
              "{x} / ({y} + {delta})", "Quotient x / (y + δ), with δ = 10⁻⁸.", (), (_DELTA,), precedence=2),
    Primitive("^", "binary", "power", "{{{x}}}^{{{y}}}", "<msup><mrow>{x}</mrow><mrow>{y}</mrow></msup>",
              "torch.pow({x}, {y})", "x to the power of y (not a number where x < 0 and y is no whole number).",
              precedence=4),
    Primitive("left", "binary", "keep left", "{x}", "{x}", "{x}", "The left argument; the right one is ignored."),
)
# fmt: on

PRIMITIVES: dict[str, Primitive] = {row.name: row for row in (*_OPERANDS, *_UNARIES, *_BINARIES)}
