"""Every controller that learns beats random search where the best rule is known; and what is each one's own."""

import statistics

import pytest
import torch

from engine.controllers.contract import Batch
from engine.controllers.evolution import EvolutionController
from engine.controllers.risk_seeking import RiskSeekingController
from engine.language import Space
from engine.registry import CONTROLLERS
from engine.registry.controllers import EvolutionSettings, RiskSeekingSettings
from engine.search import OptimizerSearch
from tests.engine.searches import config, likeness, play

SPACE = Space(["g", "m", "1"], ["x", "exp"], ["+", "*"], 2)


def mean_of_the_last_50(name: str) -> float:
    rounds = play(OptimizerSearch(config(budget=250, controller={"name": name}, seed=1)))
    return statistics.mean([likeness(c.tokens) for proposed in rounds for c in proposed.candidates][-50:])


@pytest.fixture(scope="module")
def random_mean() -> float:
    return mean_of_the_last_50("random")


@pytest.mark.parametrize("name", [name for name in CONTROLLERS if name != "random"])
def test_it_beats_random_search_where_the_best_rule_is_known(name: str, random_mean: float) -> None:
    """Mean reward of the last 50 of 250 candidates; benchmarks measure it over more seeds."""
    assert mean_of_the_last_50(name) > random_mean + 0.15


def test_risk_seeking_without_a_queue_learns_nothing_from_rules_below_the_quantile() -> None:
    controller = RiskSeekingController(SPACE, RiskSeekingSettings(units=12, epsilon=0.2, window=10, queue_size=0), 0)
    controller.observe(controller.propose(10), [0.9] * 10)
    before = [p.detach().clone() for p in controller.policy.parameters()]
    controller.observe(controller.propose(4), [0.1, 0.2, 0.3, 0.4])
    assert all(torch.equal(a, b) for a, b in zip(before, controller.policy.parameters(), strict=True))
    controller.observe(controller.propose(4), [0.1, 0.2, 0.3, 1.0])
    assert not all(torch.equal(a, b) for a, b in zip(before, controller.policy.parameters(), strict=True))


def full_evolution() -> EvolutionController:
    controller = EvolutionController(SPACE, EvolutionSettings(population=4, tournament=4), 0)
    for reward in (0.1, 0.2, 0.3, 0.4):
        controller.observe(controller.propose(1), [reward])
    return controller


def test_a_mutant_differs_in_one_token_from_a_member() -> None:
    controller = full_evolution()
    members = torch.tensor([row for row, _ in controller.population])
    for row in controller.propose(30).tokens:
        assert (members != row).sum(dim=1).min().item() == 1


def test_the_oldest_member_dies_even_when_it_is_the_best() -> None:
    controller = full_evolution()
    best = Batch(torch.zeros(1, 10, dtype=torch.int64), torch.zeros(1))
    controller.observe(best, [1.0])
    for _ in range(4):
        controller.observe(controller.propose(1), [0.5])
    assert max(reward for _, reward in controller.population) == 0.5
