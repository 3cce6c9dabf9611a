"""Priority queue training: which rules are kept, and that they become likelier."""

import io

import pytest
import torch

from engine import controllers
from engine.config import ControllerConfig
from engine.controllers.policy_controller import PolicyController
from engine.controllers.queue import BestRules
from engine.language import Space
from engine.registry import CONTROLLERS

SPACE = Space(["g", "m", "1"], ["x", "exp"], ["+", "*", "left"], 1)
POLICIES = [name for name in CONTROLLERS if name not in ("evolution", "random")]
G, M, G_TIMES_M, M_TIMES_G = [0, 0, 0, 0, 2], [1, 0, 0, 0, 2], [0, 1, 0, 0, 1], [1, 0, 0, 0, 1]


def made(name: str, **settings: float) -> PolicyController:  # type: ignore[type-arg]
    config = ControllerConfig(name=name, settings={"units": 12, **settings}, redraws=0)
    controller = controllers.build(SPACE, config, 0)
    assert isinstance(controller, PolicyController)
    return controller


def kept(*batches: tuple[list[list[int]], list[float]], size: int = 2) -> list[tuple[float, list[int]]]:
    best = BestRules(SPACE, size)
    for rows, rewards in batches:
        best.add(torch.tensor(rows), torch.tensor(rewards))
    return [(round(reward, 5), row) for reward, row, _ in best.members]


def test_the_best_are_kept_best_first() -> None:
    assert kept(([G, M, G_TIMES_M], [0.2, 0.9, 0.5])) == [(0.9, M), (0.5, G_TIMES_M)]
    assert kept(([G, M], [0.2, 0.9]), ([G_TIMES_M], [0.1])) == [(0.9, M), (0.2, G)]


def test_one_rule_written_twice_is_kept_once_with_its_better_reward() -> None:
    assert kept(([G_TIMES_M, M_TIMES_G, G], [0.5, 0.6, 0.2])) == [(0.6, G_TIMES_M), (0.2, G)]
    assert kept(([G_TIMES_M, G], [0.5, 0.3]), ([M_TIMES_G], [0.4])) == [(0.5, G_TIMES_M), (0.3, G)]


def test_of_equal_rewards_the_older_stays() -> None:
    assert kept(([G, M, G_TIMES_M], [0.5, 0.5, 0.5])) == [(0.5, G), (0.5, M)]


def test_a_queue_of_no_size_keeps_nothing() -> None:
    assert kept(([G], [0.5]), size=0) == []


@pytest.mark.parametrize("name", POLICIES)
def test_without_any_advantage_the_queues_rules_become_likelier(name: str) -> None:
    """All rewards are one, so the policy gradient is zero: what moves the policy is the queue alone."""
    controller = made(name, queue_size=2, queue_weight=0.5, entropy_coef=0, learning_rate=0.02)
    batch = controller.propose(2)
    controller.observe(batch, [0.5, 0.5])
    before = controller.logprobs(controller.best.tokens)
    for _ in range(10):
        controller.observe(controller.propose(3), [0.5, 0.5, 0.5])
    assert controller.logprobs(controller.best.tokens).mean() > before.mean() + 0.3


@pytest.mark.parametrize("name", POLICIES)
def test_a_queue_of_weight_zero_changes_nothing(name: str) -> None:
    plain, queued = made(name, queue_size=0), made(name, queue_size=5, queue_weight=0)
    for controller in (plain, queued):
        for _ in range(4):
            controller.observe(controller.propose(4), [0.1, 0.5, 0.3, 0.9])
    assert torch.equal(plain.propose(30).logprobs, queued.propose(30).logprobs)


@pytest.mark.parametrize("name", POLICIES)
def test_a_saved_queue_goes_on_bit_for_bit(name: str) -> None:
    controller, copy = made(name, queue_size=3, queue_weight=0.2), made(name, queue_size=3, queue_weight=0.2)
    controller.observe(controller.propose(4), [0.1, 0.5, 0.3, 0.9])
    buffer = io.BytesIO()
    torch.save(controller.state_dict(), buffer)
    buffer.seek(0)
    copy.load_state_dict(torch.load(buffer, weights_only=True))
    for one in (controller, copy):
        one.observe(one.propose(3), [0.2, 0.6, 0.8])
    assert controller.best.members == copy.best.members
    assert torch.equal(controller.propose(20).logprobs, copy.propose(20).logprobs)


def test_the_loss_has_the_queues_mean_log_likelihood() -> None:
    controller = made("reinforce", queue_size=2, queue_weight=0.3)
    controller.best.add(torch.tensor([G, M]), torch.tensor([0.5, 0.6]))
    expected = 1.0 - 0.3 * controller.logprobs(torch.tensor([M, G])).mean().item()
    assert controller.with_queue(torch.tensor(1.0)).item() == pytest.approx(expected, rel=1e-5)
