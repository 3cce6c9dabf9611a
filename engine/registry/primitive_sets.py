"""Primitive sets that come with the engine: which tokens a controller may write with."""

from dataclasses import dataclass

_PAPER_OPERANDS = (
    "g", "g^2", "g^3", "m", "v", "gamma", "sign(g)", "sign(m)", "1", "2", "noise",
    "w(1e-4)", "w(1e-3)", "w(1e-2)", "w(1e-1)", "adam", "rmsprop",
)  # fmt: skip
_DECAYS = ("ld", "cd", "rd", "anneal")
_PAPER_UNARY = (
    "x", "-x", "exp", "log", "sqrt", "clip(1e-5)", "clip(1e-4)", "clip(1e-3)", "drop(0.1)", "drop(0.3)", "drop(0.5)",
    "sign",
)  # fmt: skip
_PAPER_BINARY = ("+", "-", "*", "/", "^", "left")


@dataclass(frozen=True, slots=True)
class PrimitiveSetPreset:
    name: str
    title: str
    summary: str
    operands: tuple[str, ...]
    unary: tuple[str, ...]
    binary: tuple[str, ...]


PRIMITIVE_SETS = {
    preset.name: preset
    for preset in (
        PrimitiveSetPreset(
            "signs", "Signs",
            "A small set around sign and exp, in which PowerSign and AddSign lie near: quick to search.",
            ("g", "m", "sign(g)", "sign(m)", "1", "2"), ("x", "-x", "exp", "sign"), ("+", "-", "*", "left"),
        ),
        PrimitiveSetPreset(
            "paper", "Paper", "Every operand and function of the paper, without the decays.",
            _PAPER_OPERANDS, _PAPER_UNARY, _PAPER_BINARY,
        ),
        PrimitiveSetPreset(
            "paper-decays", "Paper with decays",
            "The paper's set with linear, cyclical and restart decay and annealed noise.",
            _PAPER_OPERANDS + _DECAYS, _PAPER_UNARY, _PAPER_BINARY,
        ),
    )
}  # fmt: skip
