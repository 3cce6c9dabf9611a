"""What every controller of the registry promises."""

import io
from collections.abc import Callable

import pytest
import torch

from engine import controllers
from engine.config import ControllerConfig
from engine.controllers.contract import Batch, Controller
from engine.errors import SettingsError
from engine.language import Rule, Space
from engine.registry import CONTROLLERS, PRIMITIVE_SETS

Make = Callable[[int], Controller]


def space() -> Space:
    preset = PRIMITIVE_SETS["paper-decays"]
    return Space(preset.operands, preset.unary, preset.binary, 3)


@pytest.fixture(params=CONTROLLERS)
def make(request: pytest.FixtureRequest) -> Make:
    return lambda seed: controllers.build(space(), ControllerConfig(name=request.param, redraws=0), seed)


def tokens(batch: Batch) -> list[tuple[str, ...]]:
    return [tuple(space().choices(slot)[i] for slot, i in enumerate(row)) for row in batch.tokens.tolist()]


def test_every_proposal_is_a_rule_of_the_space(make: Make) -> None:
    batch = make(0).propose(200)
    assert batch.tokens.shape == (200, 15)
    assert batch.logprobs.shape == (200,)
    assert (batch.logprobs < 0).all()
    for row in tokens(batch):
        Rule.from_tokens(row)


def test_every_choice_of_every_slot_can_be_proposed(make: Make) -> None:
    drawn = make(0).propose(3000).tokens
    for slot in range(drawn.shape[1]):
        assert set(drawn[:, slot].tolist()) == set(range(len(space().choices(slot))))


def test_the_same_seed_proposes_the_same_and_another_seed_others(make: Make) -> None:
    assert torch.equal(make(1).propose(20).tokens, make(1).propose(20).tokens)
    assert not torch.equal(make(1).propose(20).tokens, make(2).propose(20).tokens)


def test_the_global_random_generator_is_neither_used_nor_moved(make: Make) -> None:
    torch.manual_seed(1)
    before = torch.get_rng_state()
    controller = make(3)
    first = controller.propose(5)
    controller.observe(first, [0.1, 0.2, 0.3, 0.4, 0.5])
    assert torch.equal(before, torch.get_rng_state())
    torch.manual_seed(2)
    assert torch.equal(make(3).propose(5).tokens, first.tokens)


def test_a_saved_controller_continues_bit_for_bit(make: Make) -> None:
    controller, earlier = make(0), make(0).propose(4)
    controller.observe(earlier, [0.1, 0.9, None, 0.3])
    waiting = controller.propose(4)
    buffer = io.BytesIO()
    torch.save(controller.state_dict(), buffer)
    buffer.seek(0)
    copy = make(99)
    copy.load_state_dict(torch.load(buffer, weights_only=True))
    for one in (controller, copy):
        one.observe(waiting, [0.5, 0.6, 0.7, 0.8])
    ours, theirs = controller.propose(50), copy.propose(50)
    assert torch.equal(ours.tokens, theirs.tokens)
    assert torch.equal(ours.logprobs, theirs.logprobs)


def test_a_round_of_one_rule_and_a_round_without_any_reward_are_no_trouble(make: Make) -> None:
    controller = make(0)
    for rewards in ([0.5], [None], [0.7]):
        metrics = controller.observe(controller.propose(1), rewards)  # type: ignore[arg-type]
        assert all(torch.tensor(value).isfinite() for value in metrics.values())
        assert metrics["entropy"] > 0


def test_a_candidate_without_a_reward_teaches_nothing(make: Make) -> None:
    """Observing three of four rewards is observing a batch of those three."""
    whole, part = make(0), make(0)
    batch = whole.propose(4)
    part.propose(4)
    kept = [0, 1, 3]
    whole.observe(batch, [0.2, 0.4, None, 0.9])
    part.observe(Batch(batch.tokens[kept], batch.logprobs[kept]), [0.2, 0.4, 0.9])
    assert torch.equal(whole.propose(20).logprobs, part.propose(20).logprobs)


def test_a_state_of_another_space_is_refused(make: Make) -> None:
    other = controllers.build(Space(["g"], ["x"], ["+"], 1), ControllerConfig(name="ppo", redraws=0), 0)
    controller = make(0)
    with pytest.raises((RuntimeError, KeyError, ValueError)):
        controller.load_state_dict({"policy": other.state_dict()["policy"]})


def test_settings_that_do_not_exist_or_are_out_of_range_are_named() -> None:
    with pytest.raises(ValueError, match="settings of ppo: learning_rate"):
        ControllerConfig(name="ppo", settings={"lr": 1})
    with pytest.raises(SettingsError, match="units"):
        CONTROLLERS["ppo"].check_settings({"units": 0})
