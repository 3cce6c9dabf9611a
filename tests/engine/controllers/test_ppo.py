"""The LSTM policy and PPO: numbers against formulas, and learning against random search."""

import math
import statistics

import pytest
import torch

from engine.controllers.baseline import RewardBaseline
from engine.controllers.policy import INITIAL_RANGE, RulePolicy
from engine.controllers.ppo import PPOController
from engine.language import Space
from engine.registry.controllers import PpoSettings

SPACE = Space(["g", "m", "1"], ["x", "exp"], ["+", "*"], 2)


def policy(units: int = 12) -> RulePolicy:
    return RulePolicy(SPACE, units, torch.Generator().manual_seed(0))


def test_weights_start_uniform_within_the_papers_range() -> None:
    weights = torch.cat([p.detach().flatten() for p in policy(60).parameters()])
    assert weights.abs().max() <= INITIAL_RANGE
    assert weights.std().item() == pytest.approx(INITIAL_RANGE / math.sqrt(3), rel=0.02)


def test_the_probabilities_of_all_strings_of_a_group_sum_to_one() -> None:
    one = RulePolicy(Space(["g", "m", "1"], ["x", "exp"], ["+", "*"], 1), 12, torch.Generator().manual_seed(0))
    grid = torch.cartesian_prod(*(torch.arange(n) for n in (3, 3, 2, 2, 2)))
    trace = one.evaluate(grid)
    assert trace.logprobs.exp().sum().item() == pytest.approx(1.0, abs=1e-5)


def test_sampling_and_evaluating_agree_on_the_probability() -> None:
    model = policy()
    sampled = model.sample(50, torch.Generator().manual_seed(1))
    torch.testing.assert_close(model.evaluate(sampled.tokens).logprobs, sampled.logprobs)


def test_entropy_is_that_of_nearly_even_choices_at_the_start() -> None:
    even = sum(math.log(len(SPACE.choices(slot))) for slot in range(10))
    assert policy().sample(20, torch.Generator().manual_seed(0)).entropy.mean().item() == pytest.approx(even, rel=0.01)


def test_the_reward_baseline_is_an_exponential_moving_average() -> None:
    baseline = RewardBaseline(0.9)
    assert baseline.advantages(torch.tensor([0.4, 0.6])).tolist() == pytest.approx([-0.1, 0.1])
    baseline.update(torch.tensor([0.4, 0.6]))
    baseline.update(torch.tensor([1.0, 1.0]))
    assert baseline.value == pytest.approx(0.9 * 0.5 + 0.1 * 1.0)


def test_the_loss_is_ppos_clipped_objective() -> None:
    controller = PPOController(SPACE, PpoSettings(units=12, entropy_coef=0.5), 0)
    batch = controller.propose(3)
    trace = controller.policy.evaluate(batch.tokens)
    old = batch.logprobs + torch.tensor([1.0, -1.0, 0.0])  # ratios e^-1, e and 1
    advantages = torch.tensor([-1.0, 1.0, 1.0])
    ratio = [math.exp(-1), math.exp(1), 1.0]
    expected = -statistics.mean([-max(ratio[0], 0.8), min(ratio[1], 1.2), ratio[2]])
    expected -= 0.5 * trace.entropy.mean().item()
    assert controller._loss(trace, old, advantages).item() == pytest.approx(expected, rel=1e-5)


def test_a_rewarded_rule_becomes_likelier_and_entropy_falls() -> None:
    controller = PPOController(SPACE, PpoSettings(units=12, learning_rate=5e-3), 0)
    entropies = []
    for _ in range(60):
        batch = controller.propose(5)
        likes_exp = (batch.tokens[:, 2] == 1).float().tolist()
        entropies.append(controller.observe(batch, likes_exp)["entropy"])
    assert (controller.propose(200).tokens[:, 2] == 1).float().mean() > 0.9
    assert entropies[-1] < entropies[0]
