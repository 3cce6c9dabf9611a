"""Each decision on rules that it is for, and none against rules that train."""

import math

import pytest

from engine.config import ScreeningConfig
from engine.language import Rule
from engine.presets import NAMED_RULES
from engine.screening import screen
from engine.screening.facts import facts_of

REJECTED = {
    "1": "no-gradient",
    "w(0.1) + noise": "no-gradient",
    "ld * 2": "no-gradient",
    "g - g + w": "no-gradient",  # what it writes is not what it computes
    "clip(exp(sign(g)), 1e-3)": "constant",  # e and 1/e are both cut to 0.001
    "w * clip(exp(sign(g)), 1e-3)": "constant",
    "noise + clip(exp(sign(m)), 1e-3)": "constant",
    "drop(w, 0.3) * clip(exp(sign(adam)), 1e-3)": "constant",
    "ld * clip(exp(sign(m)), 1e-3)": "constant",
    "log(1) * g": "constant",  # 0, though algebra does not see it
    "g^m": "not-finite",
    "exp(1 / g)": "not-finite",
    "log(1 - sign(v)) * g": "not-finite",
    "-g": "no-descent",
    "g^2": "no-descent",
    "sqrt(adam)": "no-descent",
    "g * sign(m)": "no-descent",
    "g * sign(w)": "no-descent",
    "exp(clip(g, 1e-5))": "no-descent",  # nearly constant
    "w(0.1) - g": "no-descent",
}
FIELDS = {"no-gradient": "no_gradient", "not-finite": "not_finite", "no-descent": "no_descent", "constant": "constant"}


def decision(text: str, **settings: object) -> str:
    found = screen(Rule.parse(text), ScreeningConfig.model_validate(settings))
    return found.name if found else ""


@pytest.mark.parametrize(("text", "name"), REJECTED.items())
def test_a_rule_that_cannot_train_is_rejected_with_a_reason(text: str, name: str) -> None:
    found = screen(Rule.parse(text), ScreeningConfig())
    assert found is not None
    assert found.name == name
    assert found.reason.endswith(".")
    assert decision(text, **{FIELDS[name]: False}) != name
    assert decision(text, enabled=False) == ""


@pytest.mark.parametrize("name", NAMED_RULES)
def test_no_rule_of_the_paper_and_no_baseline_is_rejected(name: str) -> None:
    assert screen(NAMED_RULES[name].rule, ScreeningConfig()) is None


@pytest.mark.parametrize(
    "text",
    [
        "exp(g) - 1", "m * exp(g^2)", "g / (v + 1e-5)", "m / sqrt(v)", "g * exp(w(1e-4))", "g + w(1e-2)", "g + noise",
        "drop(g, 0.5)", "g * (1 - ld)", "gamma", "clip(g^3, 1e-5)", "g * rd(10)", "g + anneal", "1e-5 * m",
    ],
)  # fmt: skip
def test_a_rule_that_descends_at_some_size_of_gradients_is_kept(text: str) -> None:
    assert decision(text) == ""


def test_an_infinity_counts_only_for_gradients_that_children_have() -> None:
    assert decision("g * exp(g^3)") == ""  # e^1000 for a gradient of 10
    assert decision("g * exp(g^3)", largest_gradient=10) == "not-finite"
    assert decision("g * exp(g)", largest_gradient=10) == ""
    assert decision("g * exp(g)", largest_gradient=100) == "not-finite"  # e^100 is infinite in float32


def test_an_infinity_at_a_gradient_of_exactly_0_counts_where_asked() -> None:
    text = "-(g * log(g))"  # 0 · ∞
    assert decision(text) == ""
    found = screen(Rule.parse(text), ScreeningConfig(zero_gradients=True))
    assert found is not None
    assert (found.name, "exactly 0" in found.reason) == ("not-finite", True)


def test_the_cosine_is_that_of_known_rules() -> None:
    """sign(g) of Gaussian gradients has the cosine √(2/π) in many dimensions."""
    cosines = {text: facts_of(Rule.parse(text).canonical).descent for text in ("g", "-g", "sign(g)", "sign(w)")}
    assert cosines["g"] == pytest.approx(1.0)
    assert cosines["-g"] == pytest.approx(-1.0)
    assert cosines["sign(g)"] == pytest.approx(math.sqrt(2 / math.pi), abs=0.02)
    assert abs(cosines["sign(w)"]) < 0.1


def test_the_least_cosine_is_a_setting() -> None:
    assert decision("m", least_cosine=0.95) == "no-descent"
    assert decision("-g", least_cosine=-1.0) == ""


@pytest.mark.parametrize(
    ("name", "value"), [("least_cosine", 1.5), ("least_cosine", -2), ("largest_gradient", 0), ("largest_gradient", 1e3)]
)
def test_settings_out_of_their_bounds_are_refused(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=name):
        ScreeningConfig.model_validate({name: value})


def test_a_rule_is_judged_in_its_canonical_form_and_remembered() -> None:
    facts_of.cache_clear()
    assert decision("g + g^2 - g") == decision("g^2") == "no-descent"
    assert facts_of.cache_info().misses == 1
