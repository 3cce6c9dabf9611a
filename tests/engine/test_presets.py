"""Every named rule parses, prints, steps and exports."""

from xml.etree import ElementTree

import pytest
import torch
from torch import nn

from engine.config import SearchConfig
from engine.errors import UnknownName
from engine.export import export_rule
from engine.optim import RuleOptimizer
from engine.presets import BASELINES, NAMED_RULES, PAPER_SEARCHES, NamedRule, named_rule
from engine.search import OptimizerSearch


@pytest.mark.parametrize("row", NAMED_RULES.values(), ids=lambda row: row.name)
def test_a_named_rule_prints_trains_and_exports(row: NamedRule) -> None:
    rule = row.rule
    assert rule.canonical.canonical == rule.canonical
    ElementTree.fromstring(rule.mathml)
    assert f"update: {rule.text}\n" in export_rule(rule)
    torch.manual_seed(0)
    model = nn.Linear(5, 1)
    x, y = torch.randn(200, 5), torch.randn(200, 1)
    optimizer = RuleOptimizer(model.parameters(), rule, lr=0.003, total_steps=200)
    start = [p.detach().clone() for p in model.parameters()]
    for batch in range(100):
        rows = slice(20 * (batch % 10), 20 * (batch % 10) + 20)
        optimizer.zero_grad()
        (0.2 * (model(x[rows]) - y[rows]).square().mean()).backward()
        optimizer.step()
    for before, after in zip(start, model.parameters(), strict=True):
        assert after.isfinite().all()
        assert not torch.equal(before, after)


def test_the_baselines_are_the_optimizers_proper_then_powersign_then_addsign_with_their_decays() -> None:
    proper = ["sgd", "momentum", "adam", "rmsprop", "lion"]
    families = [f"{name}{decay}" for name in ("powersign", "addsign") for decay in ("", "-ld", "-cd", "-rd")]
    assert list(BASELINES) == [*proper, *families]


def test_named_rules_are_different_rules() -> None:
    fingerprints = [row.rule.fingerprint for row in NAMED_RULES.values()]
    assert len(set(fingerprints)) == len(fingerprints)


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UnknownName, match="powersign-cd"):
        named_rule("nadam")


@pytest.mark.parametrize("name", PAPER_SEARCHES)
def test_the_papers_searches_are_complete_and_propose_rules_of_their_space(name: str) -> None:
    config = SearchConfig.model_validate(PAPER_SEARCHES[name])
    assert len(config.child.protocol.learning_rates) == 7
    assert (config.child.protocol.sweep_examples, config.child.protocol.epochs) == (10_000, 5)
    assert ("ld" in config.primitives.operands) == (name == "paper-decays")
    proposed = OptimizerSearch(config).propose(lambda fingerprints: {})
    assert proposed is not None
    assert len(proposed.candidates) == 5
