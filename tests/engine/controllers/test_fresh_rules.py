"""Duplicates are drawn again."""

import io
from typing import Any

import pytest
import torch

from engine import controllers
from engine.config import ControllerConfig
from engine.controllers.contract import Batch, Controller
from engine.controllers.fresh_rules import FreshRules
from engine.language import Rule, Space
from engine.registry import CONTROLLERS

SPACE = Space(["g", "m", "1"], ["x", "exp"], ["+", "*", "left"], 1)


def made(name: str, seed: int = 0, **values: Any) -> Controller:
    settings = {"population": 5} if name == "evolution" else {} if name == "random" else {"units": 8}
    return controllers.build(SPACE, ControllerConfig(name=name, settings=settings, **values), seed)


def fingerprints(batch: Batch) -> list[str]:
    rows = batch.tokens.tolist()
    return [Rule.from_tokens([SPACE.choices(slot)[i] for slot, i in enumerate(row)]).fingerprint for row in rows]


def proposed(controller: Controller, rounds: int = 6) -> list[str]:
    found = []
    for _ in range(rounds):
        batch = controller.propose(5)
        found += fingerprints(batch)
        controller.observe(batch, [0.1, 0.2, 0.3, 0.4, 0.9])
    return found


@pytest.mark.parametrize("name", CONTROLLERS)
def test_with_enough_draws_no_rule_comes_twice(name: str) -> None:
    """The space has more than 30 rules; without redraws some of 30 are the same. Mutants are near what is known."""
    plain, fresh = proposed(made(name, redraws=0)), proposed(made(name, redraws=100))
    assert len(set(plain)) < 30
    assert len(set(fresh)) >= (28 if name == "evolution" else 30)


@pytest.mark.parametrize("name", CONTROLLERS)
def test_probabilities_are_those_of_what_was_drawn_in_the_end(name: str) -> None:
    controller = made(name, redraws=20)
    batch = controller.propose(20)
    torch.testing.assert_close(controller.logprobs(batch.tokens), batch.logprobs)


def test_when_every_rule_is_known_duplicates_are_let_through() -> None:
    space = Space(["g"], ["x"], ["left"], 1)
    controller = controllers.build(space, ControllerConfig(name="random", redraws=3), 0)
    assert controller.propose(4).tokens.tolist() == [[0, 0, 0, 0, 0]] * 4


def test_starting_rules_are_known_once_they_are_observed() -> None:
    controller = made("random", redraws=100, start_rules=("g", "exp(m)"))
    given = controller.propose(2)
    controller.observe(given, [0.5, 0.5])
    assert not set(fingerprints(given)) & set(proposed(controller, 5))


@pytest.mark.parametrize("name", CONTROLLERS)
def test_saved_it_goes_on_with_what_it_knows(name: str) -> None:
    controller, copy = made(name, redraws=10), made(name, seed=9, redraws=10)
    proposed(controller, 3)
    buffer = io.BytesIO()
    torch.save(controller.state_dict(), buffer)
    buffer.seek(0)
    copy.load_state_dict(torch.load(buffer, weights_only=True))
    assert proposed(controller, 2) == proposed(copy, 2)
    assert isinstance(controller, FreshRules)


def test_without_redraws_the_controller_is_itself() -> None:
    assert not isinstance(made("random", redraws=0), FreshRules)
