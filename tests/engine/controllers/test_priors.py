"""Priors: every rule of every controller obeys them, and nothing more than they ask for is lost."""

import hashlib
import itertools
import json
from typing import Any

import pytest
import torch

from engine import controllers
from engine.config import ControllerConfig, PriorsConfig, SearchConfig
from engine.config.prior_checks import repeats, uses_gradient, violation
from engine.config.prior_masks import PriorMasks
from engine.controllers.contract import Controller
from engine.controllers.masks import Masks
from engine.controllers.policy import RulePolicy
from engine.controllers.trpo import TRPOController
from engine.language import Rule, Space
from engine.language.tree import Node, walk
from engine.registry import CONTROLLERS, PRIMITIVE_SETS
from engine.registry.controllers import TrpoSettings

PRIORS: dict[str, dict[str, Any]] = {
    "uses_gradient": {"uses_gradient": True},
    "no_repeated_unary": {"no_repeated_unary": True},
    "max_complexity": {"max_complexity": 5},
    "all": {"uses_gradient": True, "no_repeated_unary": True, "max_complexity": 8},
}
# Tokens that make it hard: constants, composed operands that end in a unary function, noise, what cancels, `left`.
HARD = Space(["g", "sign(g)", "1", "noise", "adam"], ["x", "-x", "sign", "exp", "drop(0.3)"], ["-", "*", "left"], 3)
SMALL = Space(["g", "sign(g)", "1"], ["x", "-x", "sign", "exp"], ["-", "*", "left"], 1)
TWO = Space(["g", "1"], ["x", "exp", "sign"], ["-", "*"], 2)


def made(name: str, priors: dict[str, Any], space: Space = HARD) -> Controller:
    settings = {"population": 12} if name == "evolution" else {} if name == "random" else {"units": 8}
    config = ControllerConfig(name=name, settings=settings, priors=PriorsConfig(**priors), redraws=0)
    return controllers.build(space, config, 3)


def rule(row: list[int] | tuple[int, ...], space: Space = HARD) -> Rule:
    return Rule.from_tokens([space.choices(slot)[i] for slot, i in enumerate(row)])


def reward(row: list[int]) -> float:
    """Anything that makes a controller move: rules without the gradient, with signs of signs, are the best ones."""
    return sum(token == 2 for token in row) / len(row)


@pytest.mark.parametrize("priors", PRIORS.values(), ids=PRIORS)
@pytest.mark.parametrize("name", CONTROLLERS)
def test_every_rule_of_every_controller_obeys_the_priors(name: str, priors: dict[str, Any]) -> None:
    controller = made(name, priors)
    for _ in range(6):
        batch = controller.propose(6)
        for row in batch.tokens.tolist():
            obeys(rule(row), priors)
        controller.observe(batch, [reward(row) for row in batch.tokens.tolist()])


def obeys(proposed: Rule, priors: dict[str, Any]) -> None:
    """Asked of the rule's printed form, so that nothing of how masks are made is used."""
    shown = Rule.parse(proposed.canonical.text)
    if "uses_gradient" in priors:
        assert shown.uses("g"), shown.text
    if "no_repeated_unary" in priors:
        assert not any(repeated(node) for node in walk(shown.tree)), shown.text
    if "max_complexity" in priors:
        assert shown.complexity <= priors["max_complexity"], shown.text


def repeated(node: Node) -> bool:
    inner = getattr(node, "x", None)
    return inner is not None and getattr(inner, "x", None) is not None and inner.name == node.name


@pytest.mark.parametrize("priors", PRIORS.values(), ids=PRIORS)
def test_without_priors_such_rules_are_proposed(priors: dict[str, Any]) -> None:
    rows = made("random", {}).propose(60).tokens.tolist()
    assert any(violation(rule(row), PriorsConfig(**priors)) for row in rows)


def support(masks: PriorMasks) -> set[tuple[int, ...]]:
    rows: list[tuple[int, ...]] = [()]
    for slot in range(len(masks.space.slots)):
        longer = []
        for row in rows:
            every = range(len(masks.space.choices(slot)))
            allowed = masks.allowed(row) if masks.masks(slot) else [True for _ in every]
            assert any(allowed), "a prefix that leads nowhere"
            longer += [(*row, token) for token in every if allowed[token]]
        rows = longer
    return set(rows)


def obeying(masks: PriorMasks) -> set[tuple[int, ...]]:
    space = masks.space
    rows = itertools.product(*(range(len(space.choices(slot))) for slot in range(len(space.slots))))
    return {row for row in rows if violation(rule(row, space), masks.priors) is None}


@pytest.mark.parametrize("priors", PRIORS.values(), ids=PRIORS)
def test_of_one_group_exactly_the_rules_that_obey_can_be_drawn(priors: dict[str, Any]) -> None:
    """Rows with a repeated function in the half that `left` ignores are left out; their rules are not."""
    masks = PriorMasks(SMALL, PriorsConfig(**priors))
    drawn, there = support(masks), obeying(masks)
    assert drawn <= there
    assert {rule(row, SMALL).fingerprint for row in drawn} == {rule(row, SMALL).fingerprint for row in there}
    assert drawn == {row for row in there if masks.obeys(row)}


def test_of_two_groups_every_rule_that_uses_a_gradient_can_be_drawn() -> None:
    masks = PriorMasks(TWO, PriorsConfig(uses_gradient=True))
    assert support(masks) == obeying(masks)


def test_the_bound_on_complexity_hides_few_rules_and_lets_none_through() -> None:
    masks = PriorMasks(TWO, PriorsConfig(max_complexity=5))
    drawn, there = support(masks), obeying(masks)
    assert drawn < there
    names = [{rule(row, TWO).fingerprint for row in rows} for rows in (drawn, there)]
    assert len(names[0]) > 0.6 * len(names[1])


def test_probabilities_under_priors_sum_to_one_over_what_obeys() -> None:
    masks = PriorMasks(SMALL, PriorsConfig(uses_gradient=True, no_repeated_unary=True))
    policy = RulePolicy(SMALL, 12, torch.Generator().manual_seed(0), Masks(masks))
    rows = torch.tensor(sorted(support(masks)))
    trace = policy.evaluate(rows)
    assert trace.logprobs.exp().sum().item() == pytest.approx(1.0, abs=1e-5)
    mean = (trace.logprobs.exp() * trace.entropy).sum().item()  # its expectation is the strings' own entropy
    assert mean == pytest.approx(-(trace.logprobs.exp() * trace.logprobs).sum().item(), rel=1e-4)


def test_random_search_says_the_probability_that_it_draws_with() -> None:
    drawn = made("random", PRIORS["all"], SMALL).propose(3000)
    chances = {tuple(row): lp for row, lp in zip(drawn.tokens.tolist(), drawn.logprobs.tolist(), strict=True)}
    row = max(chances, key=lambda key: chances[key])
    share = sum(tuple(other) == row for other in drawn.tokens.tolist()) / 3000
    expected = torch.tensor(chances[row]).exp().item()
    assert share == pytest.approx(expected, abs=4 * (expected * (1 - expected) / 3000) ** 0.5)


def test_gradients_and_kl_under_masks_are_finite() -> None:
    controller = made("trpo", PRIORS["all"], SMALL)
    assert isinstance(controller, TRPOController)
    batch = controller.propose(6)
    old = [log_p.detach() for log_p in controller.policy.distributions(batch.tokens)]
    metrics = controller.observe(batch, [0.1, 0.2, 0.3, 0.4, 0.5, 0.9])
    assert all(torch.tensor(value).isfinite() for value in metrics.values())
    assert 0 < controller._kl(batch.tokens, old).item() <= TrpoSettings().max_kl * 1.5


def test_a_repeated_function_is_found_through_identities_and_left() -> None:
    tokens = ["g", "1", "exp", "x", "left", "#1", "1", "x", "x", "left", "#2", "1", "exp", "x", "*"]
    assert repeats(Rule.from_tokens(tokens).tree)
    assert not repeats(Rule.parse("exp(-exp(g)) * sign(m)").tree)
    assert not repeats(Rule.parse("left(g, exp(exp(g)))").tree)
    assert repeats(Rule.parse("clip(clip(g, 1e-3), 1e-4)").tree)


def test_what_reads_the_gradient_uses_it() -> None:
    for name in ("g", "g^2", "g^3", "m", "v", "gamma", "sign(g)", "sign(m)", "adam", "rmsprop"):
        assert uses_gradient(Rule.parse(name).tree), name
    for name in ("1", "noise", "w(1e-3)", "ld", "cd", "rd", "anneal"):
        assert not uses_gradient(Rule.parse(name).tree), name


def configured(operands: list[str], unary: list[str], binary: list[str], **priors: Any) -> SearchConfig:
    tokens = {"operands": operands, "unary": unary, "binary": binary}
    return SearchConfig.model_validate({"primitives": tokens, "groups": 2, "controller": {"priors": priors}})


def test_priors_that_no_rule_can_obey_are_refused_with_a_sentence() -> None:
    with pytest.raises(ValueError, match="No group of these tokens makes a rule that uses a gradient"):
        configured(["1", "noise"], ["x", "exp"], ["+", "left"], uses_gradient=True)
    with pytest.raises(ValueError, match="repeats no unary function"):
        configured(["sign(g)"], ["sign"], ["*"], no_repeated_unary=True)
    with pytest.raises(ValueError, match="has a complexity of at most 2"):
        configured(["g", "m"], ["exp"], ["*", "/"], max_complexity=2)
    assert configured(["g", "m"], ["exp"], ["*", "left"], max_complexity=2).controller.priors.max_complexity == 2


# sha256 of the first 40 token strings, as the code before priors proposed them
GOLDEN = {
    "ppo": "fa27cb9bb3707b8a",
    "trpo": "cd42eabcc6037f89",
    "reinforce": "4afabb73745326c5",
    "risk-seeking": "7ecd8cb46cbc7007",
    "evolution": "6a5a38b978a4bb88",
    "random": "ce6e7ada93d657e2",
}


@pytest.mark.parametrize("name", CONTROLLERS)
def test_without_priors_rules_and_queue_everything_is_as_before(name: str) -> None:
    space = Space(
        ["g", "g^2", "m", "sign(g)", "1"], ["x", "-x", "exp", "sign", "drop(0.3)"], ["+", "-", "*", "left"], 2
    )
    settings = {"population": 10} if name == "evolution" else {} if name == "random" else {"units": 16}
    settings |= {"queue_size": 0} if name == "risk-seeking" else {}
    controller = controllers.build(space, ControllerConfig(name=name, settings=settings, redraws=0), 7)
    rows: list[list[int]] = []
    for _ in range(8):
        batch = controller.propose(5)
        rows += batch.tokens.tolist()
        controller.observe(batch, [(sum(row) % 7) / 7 for row in batch.tokens.tolist()])
    assert hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:16] == GOLDEN[name]


def test_the_papers_largest_space_is_masked_in_tolerable_time() -> None:
    """Five groups of everything: rules come, and they obey."""
    preset = PRIMITIVE_SETS["paper-decays"]
    space = Space(preset.operands, preset.unary, preset.binary, 5)
    for row in made("random", PRIORS["all"], space).propose(3).tokens.tolist():
        obeys(rule(row, space), PRIORS["all"])


def test_priors_of_a_space_of_very_many_tokens_are_checked_soon() -> None:
    """Hardly any of its 40,000 halves uses a gradient."""
    operands = [f"w({i / 1000})" for i in range(1, 200)] + ["g"]
    unary = [f"clip({i / 1000})" for i in range(1, 201)]
    assert configured(operands, unary, ["+", "left"], **{**PRIORS["all"], "max_complexity": 3})
