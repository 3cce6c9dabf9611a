"""Probes are fixed, and what a rule computes on them is what RuleOptimizer does."""

import pytest
import torch
from hypothesis import given, settings

from engine.language import Rule
from engine.optim import RuleOptimizer
from engine.presets import NAMED_RULES
from engine.screening.outputs import outputs
from engine.screening.probes import SIZES, TIMES, TOTAL, build_probes
from tests.engine.strategies import rules

PROBES = build_probes()


def by_the_optimizer(rule: Rule) -> torch.Tensor:
    """Δ of each step from weights that are put back before each: w − (w − Δ), so exact to 1e-16 of w and Δ."""
    w = torch.nn.Parameter(PROBES.weights.clone())
    optimizer = RuleOptimizer([w], rule, lr=1.0)
    updates = []
    for g in PROBES.gradients:
        w.data.copy_(PROBES.weights)
        w.grad = g.clone()
        optimizer.step()
        updates.append(PROBES.weights - w.detach())
    return torch.stack(updates)


def of_the_same_times(rule: Rule) -> bool:
    """Decays and annealed noise read t itself, which the optimizer counts 0, 1, 2, …"""
    return not rule.needs_total_steps and "anneal" not in rule.text


def check_against_the_optimizer(rule: Rule) -> None:
    there, here = by_the_optimizer(rule), outputs(rule, PROBES)
    finite = torch.isfinite(here)
    assert torch.equal(finite, torch.isfinite(there))
    torch.testing.assert_close(there[finite], here[finite], rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("name", [name for name, row in NAMED_RULES.items() if of_the_same_times(row.rule)])
def test_named_rules_compute_on_probes_what_the_optimizer_does(name: str) -> None:
    check_against_the_optimizer(NAMED_RULES[name].rule)


@settings(max_examples=60)
@given(rules("paper", 2))
def test_rules_compute_on_probes_what_the_optimizer_does(rule: Rule) -> None:
    check_against_the_optimizer(rule)


def test_decays_run_their_whole_course() -> None:
    linear, cyclical = (outputs(Rule.parse(name), PROBES)[:, 0].tolist() for name in ("ld", "cd"))
    assert linear == pytest.approx([1 - t / TOTAL for t in TIMES])
    assert linear[-1] < 0.11
    assert cyclical[0] == 1.0
    assert cyclical[-1] < 0.03


def test_probes_are_of_the_sizes_that_they_say_and_the_same_each_time() -> None:
    again = build_probes()
    assert torch.equal(again.gradients, PROBES.gradients)
    assert torch.equal(again.weights, PROBES.weights)
    for size in SIZES:
        gradients = PROBES.block(size).of(PROBES.gradients)
        assert 0.7 * size < float(gradients.square().mean().sqrt()) < 1.4 * size
    zeros = PROBES.block(0.0).of(PROBES.gradients)
    assert bool((zeros == 0).all(dim=0).any())  # weights whose gradient is always zero
    assert bool(((zeros == 0).any(dim=0) & (zeros != 0).any(dim=0)).any())  # and some for which it becomes so


def test_gradients_last_so_that_averages_mean_something() -> None:
    first, last = PROBES.block(1.0).of(PROBES.gradients)[[0, -1]]
    assert 0.4 < float(torch.corrcoef(torch.stack([first, last]))[0, 1]) < 0.6
