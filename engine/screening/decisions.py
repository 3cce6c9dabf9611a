"""Which rules are not trained at all, and why: each decision has a name, a setting and a sentence.

The first two and the last are those of ENOS (NeurIPS 2022). Rates of wrong rejection: benchmarks/RESULTS.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.config import ScreeningConfig
from engine.language import Rule
from engine.screening.facts import Facts, facts_of


@dataclass(frozen=True, slots=True)
class Decision:
    """Why a rule is not trained: a short name, and a sentence for people."""

    name: str
    reason: str


Check = Callable[[Facts, ScreeningConfig], str]


def screen(rule: Rule, config: ScreeningConfig) -> Decision | None:
    """The first decision against the rule; None: train it."""
    if not config.enabled:
        return None
    facts = facts_of(rule.canonical)
    for name, check in CHECKS.items():
        if reason := check(facts, config):
            return Decision(name, reason)
    return None


def _no_gradient(facts: Facts, config: ScreeningConfig) -> str:
    rejected = config.no_gradient and not facts.uses_gradient
    return "It uses no gradient, so it cannot follow the loss." if rejected else ""


def _constant(facts: Facts, config: ScreeningConfig) -> str:
    rejected = config.constant and facts.uses_gradient and not facts.depends_on_gradient
    return "Its update is the same whatever the gradient is." if rejected else ""


def _not_finite(facts: Facts, config: ScreeningConfig) -> str:
    smallest = 0.0 if config.zero_gradients else 1e-300
    sizes = [size for size in facts.not_finite_at if smallest <= size <= config.largest_gradient]
    if not config.not_finite or not sizes:
        return ""
    where = f"about {max(sizes):g} in size" if max(sizes) else "exactly 0"
    return f"Its update is not finite for some gradients that are {where}."


def _no_descent(facts: Facts, config: ScreeningConfig) -> str:
    if not config.no_descent or facts.descent >= config.least_cosine:
        return ""
    return (
        f"Its update does not point along the gradient: their mean cosine is {facts.descent:.2f},"
        f" below {config.least_cosine:g}, on random gradients."
    )


CHECKS: dict[str, Check] = {
    "no-gradient": _no_gradient,
    "constant": _constant,
    "not-finite": _not_finite,
    "no-descent": _no_descent,
}
