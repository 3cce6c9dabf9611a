"""What a rule does, in sentences: each claim is held against the numbers of the rule itself."""

import math
import random
import re

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.language import Rule, Space
from engine.language.bearings import degree, pointer, value_range
from engine.language.reading import read
from engine.language.switches import switch
from engine.language.words import words, words_of_tokens
from engine.optim import RuleOptimizer
from engine.presets import NAMED_RULES
from engine.registry import PRIMITIVE_SETS

STEPS = 4


def steps(rule: Rule, gradients: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Δ [steps, entries] of a rule at learning rate 1 on these gradients, the weights put back after each step."""
    parameter = torch.nn.Parameter(weights.clone())
    optimizer = RuleOptimizer([parameter], rule, lr=1.0, total_steps=STEPS, seed=3)
    found = []
    for gradient in gradients:
        parameter.grad = gradient.clone()
        optimizer.step()
        found.append(weights - parameter.detach())
        with torch.no_grad():
            parameter.copy_(weights)
    return torch.stack(found)


def drawn(seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    shape = (STEPS, 64)
    return (
        torch.randn(shape, generator=generator, dtype=torch.float64),
        torch.randn(shape[1], generator=generator, dtype=torch.float64),
    )


def random_rule(seed: int) -> Rule:
    preset, chance = PRIMITIVE_SETS["paper-decays"], random.Random(seed)
    space = Space(preset.operands, preset.unary, preset.binary, 2)
    return Rule.from_tokens([chance.choice(space.choices(slot)) for slot in range(len(space.slots))])


@pytest.mark.parametrize("name", NAMED_RULES)
def test_every_named_rule_has_a_reading_without_symbols(name: str) -> None:
    sentences = read(NAMED_RULES[name].rule)
    assert sentences
    for sentence in sentences:
        assert sentence.endswith(".")
        assert sentence[0].isupper()
        assert "sign(" not in sentence
        assert "exp(" not in sentence
    assert read(NAMED_RULES[name].rule) == sentences


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        (
            "exp(sign(g)*sign(m)) * g",
            "Where the gradient and its running average agree in sign the step is e times longer, "
            "where they disagree it is e times shorter.",
        ),
        (
            "(1 + sign(g)*sign(m)) * g",
            "Where the gradient and its running average agree in sign the step is 2 times longer, "
            "where they disagree it is 0.",
        ),
        (
            "exp(ld*sign(g)*sign(m)) * g",
            "With the linear decay at 1, where the gradient and its running average agree in sign the step is e times "
            "longer, where they disagree it is e times shorter; with it at 0, the step is as it is everywhere.",
        ),
        ("g * sign(m)", "Where the running average of the gradient is positive the step is as it is, "
         "where it is negative it is turned around."),
        ("g + w(0.01)", "The part with the weights shrinks each by λ·10⁻² of itself: weight decay."),
        ("g - 0.5 * w", "The part with the weights grows each by λ·0.5 of itself."),
        ("exp(1) * sign(w)", "The step is (e to the power of 1) times (the sign of the weights)."),
        ("sign(m)", "No weight moves by more than λ·1 in one step."),
        ("w(1e-3) * noise", "It does not read the gradient, so the loss has no say in its steps."),
        ("adam", "It keeps two running averages for each weight."),
        ("drop(g, 0.3)", "It draws random numbers at every step."),
        ("sqrt(g) * v", "The step never changes its sign: it lowers every weight or leaves it, whichever way the "
         "gradient points."),
        ("-g", "Every entry that moves, moves along the gradient, up the loss to first order."),
    ],
)  # fmt: skip
def test_what_is_said(text: str, claim: str) -> None:
    assert claim in read(Rule.parse(text))


def test_a_sum_says_which_part_is_switched() -> None:
    sentences = read(Rule.parse("m + exp(sign(g)*sign(m)) * g"))
    assert any("the first part is e times longer" in one or "the second part is e times longer" in one
               for one in sentences)  # fmt: skip


def test_long_parts_get_a_letter_and_every_letter_is_explained() -> None:
    sentences = read(Rule.parse("exp(clip(g, 1e-3) + sign(m) * v) * sqrt(adam * rmsprop - exp(w(0.1)) + m)"))
    text = " ".join(sentences)
    for letter in "AB":
        assert f"{letter} is " in text


SEEDS = st.integers(0, 10**6)


class TestClaimsHold:
    """For random rules of the paper's space, on random gradients."""

    @given(SEEDS)
    @settings(max_examples=120, deadline=None)
    def test_the_direction(self, seed: int) -> None:
        rule = random_rule(seed).canonical
        found = pointer(rule.tree)
        if found is None or found[0] not in ("g", "w"):
            return
        gradients, weights = drawn(seed)
        moved = steps(rule, gradients, weights)
        towards = (gradients if found[0] == "g" else weights.expand_as(gradients)).sign() * found[1]
        assert bool(((moved.sign() == towards) | (moved == 0) | ~moved.isfinite()).all())

    @given(SEEDS)
    @settings(max_examples=120, deadline=None)
    def test_the_bound(self, seed: int) -> None:
        rule = random_rule(seed).canonical
        low, high = value_range(rule.tree)
        gradients, weights = drawn(seed)
        moved = steps(rule, gradients, weights)
        moved = moved[moved.isfinite()]
        slack = 1e-9 * (1 + max(abs(low), abs(high))) if math.isfinite(low) and math.isfinite(high) else 1e-9
        assert bool((moved >= low - slack).all())
        assert bool((moved <= high + slack).all())

    @given(SEEDS)
    @settings(max_examples=120, deadline=None)
    def test_the_scale(self, seed: int) -> None:
        rule = random_rule(seed).canonical
        power = degree(rule.tree)
        # ε and δ may be large against a denominator, and e to the power of −1000 is 0 in any float.
        if power is None or {"/", "adam", "rmsprop", "exp"} & words(rule.tree):
            return
        gradients, weights = drawn(seed)
        once, tenfold = steps(rule, gradients, weights), steps(rule, 10 * gradients, weights)
        usable = once.isfinite() & tenfold.isfinite()
        torch.testing.assert_close(tenfold[usable], once[usable] * 10**power, rtol=1e-4, atol=1e-7)

    @pytest.mark.parametrize("text", ["adam", "rmsprop", "adam * exp(sign(g) * sign(m))", "g / sqrt(v)"])
    def test_the_scale_of_gradients_that_are_not_small(self, text: str) -> None:
        rule = Rule.parse(text)
        assert degree(rule.canonical.tree) == 0
        gradients, weights = drawn(1)
        gradients = gradients + gradients.sign()
        once, tenfold = steps(rule, gradients, weights), steps(rule, 10 * gradients, weights)
        torch.testing.assert_close(tenfold, once, rtol=1e-6, atol=0)


@pytest.mark.parametrize("text", ["exp(sign(g)*sign(m))", "1 + 2*sign(m)*sign(g)", "2^(-sign(g)*sign(m))", "sign(m)"])
def test_a_switchs_values_are_the_rules(text: str) -> None:
    rule = Rule.parse(text).canonical
    found = switch(rule.tree)
    assert found is not None
    gradients, weights = drawn(1)
    moved = steps(rule, gradients, weights)
    assert {round(float(value), 6) for value in moved.unique()} == {round(value, 6) for value in found.values}


@pytest.mark.parametrize("text", ["g", "exp(sign(g) + sign(m))", "sign(g * m)", "1", "exp(sign(g)*sign(m)*sign(v))"])
def test_what_is_no_switch(text: str) -> None:
    assert switch(Rule.parse(text).canonical.tree) is None


def test_words_are_those_of_the_tree() -> None:
    assert words(Rule.parse("clip(g, 1e-3) + 2 * m").tree) == {"clip", "clip(1e-3)", "g", "+", "*", "const", "2", "m"}


@given(SEEDS)
@settings(max_examples=100, deadline=None)
def test_every_named_word_of_a_rule_is_offered(seed: int) -> None:
    """Numbers that simplifying made are not: 2 · 2, say."""
    preset, rule = PRIMITIVE_SETS["paper-decays"], random_rule(seed).canonical
    kinds = words_of_tokens(preset.operands, preset.unary, preset.binary)
    offered = {word for kind in kinds.values() for word in kind}
    named = {word for word in words(rule.tree) if re.fullmatch(r"[a-z]+(\^[23])?|-x|[-+*/^]", word)}
    assert named <= offered
