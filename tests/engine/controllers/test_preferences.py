"""What a controller tells of its preferences is what it proposes, and asking changes nothing."""

import pytest
import torch

from engine import controllers
from engine.config import ControllerConfig, SearchConfig
from engine.controllers.contract import Controller
from engine.controllers.preferences import by_kind
from engine.language import Space
from engine.registry import CONTROLLERS
from engine.search import OptimizerSearch

SPACE = Space(["g", "m", "v"], ["x", "sign", "exp", "sqrt"], ["*", "+"], 2)


def build(name: str, **settings: object) -> Controller:
    return controllers.build(SPACE, ControllerConfig(name=name, settings=settings, redraws=0), 1)


def observed(controller: Controller, rounds: int = 6) -> Controller:
    """Rules with `sign` in their first unary slot earn 1, others 0."""
    sign = SPACE.choices(2).index("sign")
    for _ in range(rounds):
        batch = controller.propose(20)
        controller.observe(batch, (batch.tokens[:, 2] == sign).float().tolist())
    return controller


def frequencies(controller: Controller, n: int = 4000) -> list[torch.Tensor]:
    columns = controller.propose(n).tokens.T
    widths = [len(SPACE.choices(slot)) for slot in range(len(SPACE.slots))]
    return [torch.bincount(column, minlength=width) / n for column, width in zip(columns, widths, strict=True)]


@pytest.mark.parametrize("name", sorted(set(CONTROLLERS) - {"evolution"}))
def test_preferences_are_the_shares_of_what_is_proposed(name: str) -> None:
    controller = observed(build(name))
    told, drawn = controller.preferences(), frequencies(controller)
    for slot in range(len(SPACE.slots)):
        assert torch.allclose(told[slot].float(), drawn[slot], atol=0.06), slot
    assert torch.allclose(told[0].float(), drawn[0], atol=0.03)  # the first slot's are exact


def test_evolution_tells_the_shares_of_its_population() -> None:
    controller = build("evolution", population=4, tournament=2)
    assert controller.preferences()[0].tolist() == pytest.approx([1 / 3] * 3)
    batch = controller.propose(4)
    controller.observe(batch, [0.1, 0.2, 0.3, 0.4])
    expected = torch.bincount(batch.tokens[:, 3], minlength=4) / 4
    assert torch.equal(controller.preferences()[3], expected)


@pytest.mark.parametrize("name", CONTROLLERS)
def test_asking_for_preferences_moves_nothing(name: str) -> None:
    asked, silent = observed(build(name)), observed(build(name))
    torch.manual_seed(5)
    before = torch.get_rng_state()
    asked.preferences()
    assert torch.equal(before, torch.get_rng_state())
    assert torch.equal(asked.propose(30).tokens, silent.propose(30).tokens)


def test_with_priors_the_shares_are_those_of_what_is_proposed() -> None:
    config = ControllerConfig(name="random", redraws=0, priors={"no_repeated_unary": True, "uses_gradient": True})
    controller = controllers.build(SPACE, config, 1)
    for told, drawn in zip(controller.preferences(), frequencies(controller, 1000), strict=True):
        assert told.sum().item() == pytest.approx(1, abs=1e-5)
        assert torch.allclose(told, drawn, atol=0.1)


def test_a_round_reports_the_shares_by_kind_of_slot() -> None:
    tokens = {"operands": ["g", "m"], "unary": ["x", "sign"], "binary": ["*", "+"]}
    config = SearchConfig(primitives=tokens, budget=10, rounds_in_flight=1, controller=ControllerConfig(name="random"))
    search = OptimizerSearch(config)
    search.propose(lambda prints: {})
    report = search.observe(0, [0.1] * 5)
    assert list(report.preferences) == ["operand", "unary", "binary"]
    for kind, shares in report.preferences.items():
        assert sum(shares) == pytest.approx(1, abs=0.02)
        slots = [slot for slot, found in enumerate(config.space.slots) if found == kind]
        assert len(shares) == max(len(config.space.choices(slot)) for slot in slots)


def test_a_token_that_a_slot_does_not_offer_counts_as_zero_there() -> None:
    shares = [torch.full((len(SPACE.choices(slot)),), 1 / len(SPACE.choices(slot))) for slot in range(10)]
    # g is one of three operands in group 1 and one of four in group 2, where #1 is the fourth
    assert by_kind(SPACE, shares)["operand"] == [0.292, 0.292, 0.292, 0.125]
