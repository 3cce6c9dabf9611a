"""Rules with a name: what the paper found, and the optimizers that they are held against; and its searches.

Source: Bello et al. 2017, section 5 and tables 1 to 3, and the PowerSign and AddSign families of its arXiv version;
Lion: Chen et al. 2023 (arXiv 2302.06675).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.errors import UnknownName
from engine.language import Rule
from engine.registry import PRIMITIVE_SETS, PROTOCOLS

_AGREE = "sign(g) * sign(m)"


@dataclass(frozen=True, slots=True)
class NamedRule:
    """A rule with the name that the field gives it.

    Attributes:
        kind: ``found`` by the paper's search, or a ``baseline`` written as a rule.
    """

    name: str
    title: str
    text: str
    kind: str = "found"

    @property
    def rule(self) -> Rule:
        return Rule.parse(self.text)


def _sign_rules() -> list[NamedRule]:
    """PowerSign: α^(f(t)·sign g·sign m)·g; AddSign: (α + f(t)·sign g·sign m)·g; f = 1, ld, cd or rd."""
    rows = []
    for decay in ("", "ld", "cd", "rd"):
        suffix, factor = (f"-{decay}", f"{decay} * ") if decay else ("", "")
        rows.append(NamedRule(f"powersign{suffix}", f"PowerSign{suffix}", f"exp({factor}{_AGREE}) * g"))
        rows.append(NamedRule(f"powersign2{suffix}", f"PowerSign{suffix}, base 2", f"2^({factor}{_AGREE}) * g"))
        rows.append(NamedRule(f"addsign{suffix}", f"AddSign{suffix}", f"(1 + {factor}{_AGREE}) * g"))
        rows.append(NamedRule(f"addsign2{suffix}", f"AddSign{suffix}, α = 2", f"(2 + {factor}{_AGREE}) * g"))
    return rows


def _table_rules() -> list[NamedRule]:
    texts = (
        f"(exp({_AGREE}) + clip(g, 1e-4)) * g",
        "clip(m, 1e-4) * exp(v)",
        "m * exp(v)",
        f"drop(g, 0.3) * exp({_AGREE})",
        "m * exp(g^2)",
        "drop(m, 0.1) / (exp(g^2) + noise)",
        "clip(rmsprop, 1e-5) + drop(m, 0.3)",
        f"adam * exp({_AGREE})",
        "adam * exp(m)",
        "g + drop(m, 0.3)",
        "drop(m, 0.1) * exp(g^3)",
        "g - clip(g^2, 1e-4)",
        "exp(g) - exp(m)",
        "drop(m, 0.3) * exp(w(1e-3))",
    )
    return [NamedRule(f"paper-{n}", f"Paper's rule {n}", text) for n, text in enumerate(texts, 1)]


_BASELINES = [
    NamedRule("sgd", "SGD", "g", "baseline"),
    NamedRule("momentum", "Momentum", "m", "baseline"),
    NamedRule("adam", "Adam", "adam", "baseline"),
    NamedRule("rmsprop", "RMSProp", "rmsprop", "baseline"),
    NamedRule("lion", "Lion", "lion", "baseline"),
]

NAMED_RULES: dict[str, NamedRule] = {row.name: row for row in (*_BASELINES, *_sign_rules(), *_table_rules())}


def _baselines() -> list[NamedRule]:
    """What every search is held against: the baselines proper, then the paper's two rules with each of their decays."""
    families = [[row for row in NAMED_RULES.values() if row.name.partition("-")[0] == name] for name in _FAMILIES]
    return [*_BASELINES, *(row for family in families for row in family)]


_FAMILIES = ("powersign", "addsign")
BASELINES: dict[str, NamedRule] = {row.name: row for row in _baselines()}


def baseline(name: str) -> NamedRule:
    """The named rule to hold others against.

    Raises:
        UnknownName: the message lists the names that exist.
    """
    if name not in NAMED_RULES:
        raise UnknownName(f"“{name}” is no named rule; there are {', '.join(NAMED_RULES)}.")
    return NAMED_RULES[name]


def named_rule(name: str) -> Rule:
    """The rule of that name.

    Raises:
        UnknownName: the message lists the names that exist.
    """
    return baseline(name).rule


def _paper_search(primitive_set: str) -> dict[str, Any]:
    tokens = PRIMITIVE_SETS[primitive_set]
    return {
        "primitives": {kind: list(getattr(tokens, kind)) for kind in ("operands", "unary", "binary")},
        "groups": 2,
        "child": {"dataset": "cifar10", "network": "convnet", "protocol": dict(PROTOCOLS["paper"].facts)},
        "controller": {"name": "trpo", "settings": {"learning_rate": 1e-5, "entropy_coef": 0.0015, "units": 150}},
        "budget": 10_000,
        "round_size": 5,
        "rounds_in_flight": 20,
    }


# The paper's searches as values of engine.config.SearchConfig, without and with its decays: a two-convolution child on
# CIFAR-10, seven learning rates, five epochs, minibatches of five rules, a hundred of them in training at once, TRPO as
# in its ICML text. How many groups and candidates it had is told second-hand only.
PAPER_SEARCHES: dict[str, dict[str, Any]] = {name: _paper_search(name) for name in ("paper", "paper-decays")}
