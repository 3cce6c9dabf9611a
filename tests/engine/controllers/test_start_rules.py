"""Starting rules: written with the search's tokens, proposed first, learned from."""

import random
from typing import Any

import pytest
import torch

from engine.config import PriorsConfig, SearchConfig
from engine.config.prior_masks import PriorMasks
from engine.config.rule_writing import write_rule
from engine.controllers.evolution import EvolutionController
from engine.controllers.policy_controller import PolicyController
from engine.controllers.start_rules import StartRules
from engine.errors import RuleError
from engine.language import Rule, Space
from engine.presets import NAMED_RULES
from engine.registry import CONTROLLERS, PRIMITIVE_SETS
from engine.search import OptimizerSearch, ProposedRound
from tests.engine.searches import config, never_seen

STARTS = ("exp(sign(g)*sign(m)) * g", "g", "sign(g) + sign(m)", "sign(m)", "-(-(m))", "2*g", "exp(exp(m))")
POLICIES = [name for name in CONTROLLERS if name not in ("evolution", "random")]


def space(name: str, groups: int) -> Space:
    preset = PRIMITIVE_SETS[name]
    return Space(preset.operands, preset.unary, preset.binary, groups)


def written(text: str, of: Space) -> Rule:
    row = write_rule(Rule.parse(text), of)
    return Rule.from_tokens([of.choices(slot)[i] for slot, i in enumerate(row)])


def search(name: str, texts: tuple[str, ...] = STARTS, **values: Any) -> OptimizerSearch:
    settings = {"population": 4} if name == "evolution" else {} if name == "random" else {"units": 12}
    controller = {"redraws": 0, "name": name, "settings": settings, "start_rules": texts}
    return OptimizerSearch(config(controller=controller, round_size=3, budget=60, **values))


def proposed(of: OptimizerSearch) -> ProposedRound:
    found = of.propose(never_seen)
    assert found is not None
    return found


@pytest.mark.parametrize(("name", "groups"), [("signs", 1), ("signs", 2), ("paper", 1), ("paper", 2)])
def test_what_a_space_makes_can_be_written_with_it_again(name: str, groups: int) -> None:
    """From the canonical text alone, as the leaderboard shows it; a few of two groups are not found (1 of 400)."""
    of, draw = space(name, groups), random.Random(groups)
    texts = [
        Rule.from_tokens([draw.choice(of.choices(i)) for i in range(len(of.slots))]).canonical.text for _ in range(80)
    ]
    missed = []
    for text in texts:
        try:
            assert written(text, of).fingerprint == Rule.parse(text).fingerprint
        except RuleError:
            missed.append(text)
    assert len(missed) <= (0 if groups == 1 else 2), missed


NAMED = {
    "powersign": 2, "addsign": 3, "addsign2": 3, "powersign2": 3, "powersign-ld": 3, "addsign-cd": 4, "paper-1": 3,
    "paper-2": 2, "paper-4": 2, "paper-8": 2,
}  # fmt: skip


@pytest.mark.parametrize(("name", "groups"), NAMED.items())
def test_the_papers_own_rules_can_be_written_with_its_set(name: str, groups: int) -> None:
    rule = Rule.parse(NAMED_RULES[name].text)
    assert written(rule.text, space("paper-decays", groups)).fingerprint == rule.fingerprint


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("m + m", (["m"], ["x"], ["+"])),  # 2 * m without a 2
        ("-g", (["g", "1"], ["x"], ["-", "*"])),  # without a minus function
        ("g * m", (["g", "m"], ["x"], ["*"])),  # without left
        ("a = drop(g, 0.3); a * a", (["g"], ["x", "drop(0.3)"], ["*", "left"])),  # one draw, used twice
        ("drop(g, 0.3) * drop(g, 0.3)", (["g"], ["x", "drop(0.3)"], ["*", "left"])),  # two draws
        ("g^2 * g^3", (["g", "g^2"], ["x"], ["*"])),
        ("clip(-m, 1e-3)", (["m"], ["-x", "clip(1e-3)"], ["left"])),
        ("(g + m) / exp(m)", (["g", "m"], ["x", "exp"], ["+", "/"])),
    ],
)
def test_it_finds_ways_round_tokens_that_are_not_there(text: str, tokens: tuple[list[str], ...]) -> None:
    assert written(text, Space(*tokens, 3)).fingerprint == Rule.parse(text).fingerprint


@pytest.mark.parametrize("name", CONTROLLERS)
def test_they_come_first_in_their_order_over_several_rounds(name: str) -> None:
    searched = search(name)
    rounds = [proposed(searched), proposed(searched)]
    searched.observe(0, [0.5, 0.6, 0.7])
    rounds.append(proposed(searched))
    texts = [candidate.text for each in rounds for candidate in each.candidates]
    assert texts[:7] == [Rule.parse(text).canonical.text for text in STARTS]
    assert len(texts) == 9  # the last two are the controller's own


@pytest.mark.parametrize("name", CONTROLLERS)
def test_a_saved_search_goes_on_with_the_next_starting_rule(name: str) -> None:
    searched = search(name)
    proposed(searched), proposed(searched)
    copy = OptimizerSearch.load(searched.config, searched.save())
    for one in (searched, copy):
        one.observe(0, [0.1, 0.9, 0.3])
    assert proposed(searched) == proposed(copy)
    for one in (searched, copy):
        one.observe(1, [0.2, 0.2, 0.4])
    assert proposed(searched) == proposed(copy)


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_gets_them_with_their_probability_under_it(name: str) -> None:
    """So PPO's ratio is 1 at its first step."""
    started = search(name).controller
    assert isinstance(started, StartRules)
    assert isinstance(started.controller, PolicyController)
    batch = started.propose(5)
    torch.testing.assert_close(started.controller.policy.evaluate(batch.tokens).logprobs, batch.logprobs)


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_learns_from_them(name: str) -> None:
    """A starting rule that is far better than what came before becomes likelier."""
    started = search(name, STARTS[:1]).controller
    assert isinstance(started, StartRules)
    given = started.propose(1)
    started.controller.observe(started.controller.propose(10), [0.1] * 10)
    before = started.logprobs(given.tokens)
    started.observe(given, [0.9])
    assert started.logprobs(given.tokens).item() > before.item()


def test_they_are_the_first_members_of_evolutions_population() -> None:
    searched = search("evolution")
    proposed(searched)
    searched_controller = searched.controller
    assert isinstance(searched_controller, StartRules)
    proposed(searched)
    searched.observe(0, [0.1, 0.2, 0.3])
    evolution = searched_controller.controller
    assert isinstance(evolution, EvolutionController)
    assert [row for row, _ in evolution.population] == searched_controller.rows[:3].tolist()


@pytest.mark.parametrize("name", CONTROLLERS)
def test_what_the_bound_on_complexity_would_hide_can_be_started_with(name: str) -> None:
    """2·exp(m·m) is small, but this space writes it as exp(#1) + exp(#1), whose halves are large."""
    priors = {"max_complexity": 6}
    settings = {} if name in ("evolution", "random") else {"units": 12}
    controller = {"name": name, "settings": settings, "start_rules": ["2 * exp(m * m)"], "priors": priors}
    tokens = {"operands": ["m"], "unary": ["x", "exp"], "binary": ["+", "*"]}
    started = OptimizerSearch(SearchConfig.model_validate({"primitives": tokens, "controller": controller}))
    row = started.controller.propose(1)
    hidden = PriorMasks(started.config.space, PriorsConfig(max_complexity=6)).allowed(tuple(row.tokens[0, :6].tolist()))
    assert not hidden[row.tokens[0, 6]]
    assert row.logprobs.item() > -50


def refused(sentence: str, texts: list[str], **values: Any) -> None:
    tokens = {"operands": ["g", "m"], "unary": ["x", "exp"], "binary": ["*", "left"]}
    controller = {"start_rules": texts, **values}
    with pytest.raises(ValueError, match=sentence):
        SearchConfig.model_validate({"primitives": tokens, "groups": 2, "controller": controller})


def test_a_rule_that_cannot_be_started_with_is_named_with_the_reason() -> None:
    refused("Starting rule 2, “g \\* q”: Unknown name", ["g", "g * q"])
    refused("Starting rule 2: no way was found to write “sign\\(g\\)” in 2 groups", ["g", "sign(g)"])
    refused(
        "Starting rule 1, “exp\\(exp\\(g\\)\\)”, applies a unary", ["exp(exp(g))"], priors={"no_repeated_unary": True}
    )
    refused("has a complexity of 3, and 2 is the largest", ["g", "g * m"], priors={"max_complexity": 2})
    refused("at most 100 items", ["g"] * 101)
    refused("at most 4000 characters", ["g" * 5000])


@pytest.mark.parametrize(
    "text",
    ["*".join(["(g + m)"] * 40), "exp(" * 50 + "g" + ")" * 50, "+".join(f"{i} * sign(g * {i} + m)" for i in range(40))],
)
def test_a_rule_far_too_long_is_given_up_soon(text: str) -> None:
    with pytest.raises(RuleError, match=r"no way was found to write .*…” in 5 groups"):
        write_rule(Rule.parse(text), space("paper", 5))


def test_they_are_kept_as_they_are_printed() -> None:
    one, other = (search("ppo", (text,)).config for text in ("g*m", " g * m"))
    assert one == other
    assert one.controller.start_rules == ("g * m",)
