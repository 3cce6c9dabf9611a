"""The search as a state machine: rounds in their order, reproducible by seed, saved and continued."""

import random
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.config import ScreeningConfig, SearchConfig
from engine.errors import RoundOrderError, SearchStateError
from engine.language import Rule
from engine.screening import probe_fingerprint, screen
from engine.search import SCREENED_REWARD, FirstWith, OptimizerSearch, ProposedCandidate, ProposedRound
from engine.search_state import FORMAT
from tests.engine.searches import UNSCREENED, config, likeness, never_seen, play


def proposals(rounds: list[ProposedRound]) -> list[tuple[str, ...]]:
    return [candidate.tokens for proposed in rounds for candidate in proposed.candidates]


def test_the_budget_is_proposed_exactly_and_the_last_round_is_shortened() -> None:
    rounds = play(OptimizerSearch(config(budget=23, round_size=5)))
    assert [len(r.candidates) for r in rounds] == [5, 5, 5, 5, 3]
    assert [c.index for r in rounds for c in r.candidates] == list(range(23))
    assert [r.number for r in rounds] == list(range(5))


def test_only_so_many_rounds_are_in_flight() -> None:
    search = OptimizerSearch(config(rounds_in_flight=2))
    first, second = search.propose(never_seen), search.propose(never_seen)
    assert first is not None
    assert second is not None
    assert search.propose(never_seen) is None
    search.observe(0, [0.5] * 5)
    assert search.propose(never_seen) is not None
    assert search.propose(never_seen) is None


def test_a_round_out_of_its_turn_is_refused_and_changes_nothing() -> None:
    search = OptimizerSearch(config(rounds_in_flight=2))
    search.propose(never_seen)
    with pytest.raises(RoundOrderError, match="proposed before"):
        search.observe(0, [0.5] * 5)  # Observing now would make round 1 depend on how fast round 0 was.
    search.propose(never_seen)
    before = search.save()
    for number, rewards, says in ((1, [0.5] * 5, "round 0 is next"), (7, [], "next"), (0, [0.5] * 4, "5 candidates")):
        with pytest.raises(RoundOrderError, match=says):
            search.observe(number, rewards)
    assert OptimizerSearch.load(search.config, before).rounds_observed == search.rounds_observed == 0


@settings(max_examples=25)
@given(st.integers(0, 2**31), st.integers(1, 4), st.integers(1, 6), st.randoms(use_true_random=False))
def test_the_order_in_which_rewards_arrive_changes_nothing(
    seed: int, in_flight: int, round_size: int, order: random.Random
) -> None:
    """Workers finish in any order; a driver keeps rewards until a round is whole and its turn has come."""
    wanted = config(seed=seed, rounds_in_flight=in_flight, round_size=round_size, budget=17)
    assert proposals(_shuffled(OptimizerSearch(wanted), order)) == proposals(play(OptimizerSearch(wanted)))


def _shuffled(search: OptimizerSearch, order: random.Random) -> list[ProposedRound]:
    rounds: list[ProposedRound] = []
    rewards: dict[int, list[float | None]] = {}
    training: list[tuple[int, int]] = []
    while not search.is_finished:
        while (proposed := search.propose(never_seen)) is not None:
            rounds.append(proposed)
            rewards[proposed.number] = [None] * len(proposed.candidates)
            training += [(proposed.number, place) for place in range(len(proposed.candidates))]
        oldest = search.rounds_observed
        if any(waiting == oldest for waiting, _ in training):
            number, place = training.pop(order.randrange(len(training)))
            rewards[number][place] = likeness(rounds[number].candidates[place].tokens)
        else:
            search.observe(oldest, rewards[oldest])
    return rounds


def test_a_search_saved_at_any_point_continues_the_same() -> None:
    wanted = config(budget=25, seed=3)
    straight = proposals(play(OptimizerSearch(wanted)))
    search, seen, waiting = OptimizerSearch(wanted), [], []
    while not search.is_finished:
        search = OptimizerSearch.load(wanted, search.save())
        while (proposed := search.propose(never_seen)) is not None:
            waiting.append(proposed)
            seen.append(proposed)
            search = OptimizerSearch.load(wanted, search.save())
        oldest = waiting.pop(0)
        search.observe(oldest.number, [likeness(c.tokens) for c in oldest.candidates])
    assert proposals(seen) == straight


def test_a_search_whose_budget_is_extended_goes_on_from_its_state() -> None:
    short, long = config(budget=10, seed=3), config(budget=20, seed=3)
    search = OptimizerSearch(short)
    first = play(search)
    longer = OptimizerSearch.load(long, search.save())
    assert not longer.is_finished
    assert len(proposals(first)) + len(proposals(play(longer))) == 20


@pytest.mark.parametrize("controller", ["ppo", "random", "evolution", "risk-seeking"])
def test_a_smaller_budget_begins_with_the_very_rules_of_a_larger_one(controller: str) -> None:
    small, large = (config(budget=n, seed=3, controller={"name": controller}) for n in (13, 40))
    few, many = proposals(play(OptimizerSearch(small))), proposals(play(OptimizerSearch(large)))
    assert few == many[:13]  # its last round is cut short


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda blob: b"", "damaged"),
        (lambda blob: b"not a state", "damaged"),
        (lambda blob: blob[: len(blob) // 2], "damaged"),
        (lambda blob: _rewritten(blob, format=FORMAT + 1), "format"),
        (lambda blob: _rewritten(blob, config="other"), "another configuration"),
        (lambda blob: _rewritten(blob, state={}), "damaged"),
    ],
)
def test_a_damaged_or_foreign_state_is_refused_with_a_sentence(damage: Any, says: str) -> None:
    blob = OptimizerSearch(config()).save()
    with pytest.raises(SearchStateError, match=says):
        OptimizerSearch.load(config(), damage(blob))


def _rewritten(blob: bytes, **changes: Any) -> bytes:
    import io

    buffer = io.BytesIO()
    torch.save({**torch.load(io.BytesIO(blob), weights_only=True), **changes}, buffer)
    return buffer.getvalue()


def test_a_state_never_runs_code_that_it_brings() -> None:
    import pickle

    class Evil:
        def __reduce__(self) -> Any:
            return (exec, ("raise SystemExit('ran')",))

    with pytest.raises(SearchStateError):
        OptimizerSearch.load(config(), pickle.dumps(Evil()))


def test_a_rule_that_was_proposed_before_is_a_duplicate_of_the_first() -> None:
    wanted = config(
        budget=120, round_size=10, seed=1, primitives={"operands": ["g"], "unary": ["x", "sign"], "binary": ["+"]}
    )
    search, first, waiting = OptimizerSearch(wanted), {}, []
    while not search.is_finished:
        while (p := search.propose(lambda fps: {f: first[f] for f in fps if f in first})) is not None:
            waiting.append(p)
            for c in p.candidates:
                if c.duplicate_of is None:
                    assert c.fingerprint not in first
                    first[c.fingerprint] = c.index
                else:
                    assert c.duplicate_of == first[c.fingerprint] < c.index
        done = waiting.pop(0)
        search.observe(done.number, [0.5] * len(done.candidates))
    assert len(first) < 60


def test_what_is_proposed_is_trained_in_its_canonical_form() -> None:
    for proposed in play(OptimizerSearch(config(budget=40, screening={}))):
        for candidate in proposed.candidates:
            rule = Rule.from_tokens(candidate.tokens)
            assert candidate.text == rule.canonical.text
            assert candidate.fingerprint == probe_fingerprint(rule)
            assert candidate.complexity == rule.complexity


def dictionary(first: dict[str, int]) -> FirstWith:
    return lambda prints: {known_by: first[known_by] for known_by in prints if known_by in first}


def candidates_of(wanted: SearchConfig) -> list[ProposedCandidate]:
    """All candidates of a search that remembers its rules, with the reward 0.5 for all that are trained."""
    search, first, waiting = OptimizerSearch(wanted), dict[str, int](), list[ProposedRound]()
    found: list[ProposedCandidate] = []
    while not search.is_finished:
        while (proposed := search.propose(dictionary(first))) is not None:
            waiting.append(proposed)
            for candidate in proposed.candidates:
                first.setdefault(candidate.fingerprint, candidate.index)
                found.append(candidate)
        done = waiting.pop(0)
        search.observe(done.number, [0.5 if c.is_trained else SCREENED_REWARD for c in done.candidates])
    return found


def test_a_new_rule_is_screened_before_it_is_trained_and_a_duplicate_is_not() -> None:
    candidates = candidates_of(config("paper", budget=150, round_size=10, seed=2, screening={}))
    for candidate in candidates:
        decision = screen(Rule.parse(candidate.text), ScreeningConfig()) if candidate.duplicate_of is None else None
        assert (candidate.screened, candidate.reason) == ((decision.name, decision.reason) if decision else ("", ""))
        assert candidate.is_trained == (decision is None and candidate.duplicate_of is None)
    assert {"no-gradient", "not-finite", "no-descent"} <= {candidate.screened for candidate in candidates}
    assert sum(candidate.is_trained for candidate in candidates) < 75
    assert len(candidates) == 150  # screened ones count in the budget


def test_without_screening_every_new_rule_is_trained_and_known_by_its_algebra() -> None:
    candidates = candidates_of(config("paper", budget=60, seed=2, screening=UNSCREENED))
    assert not any(candidate.screened for candidate in candidates)
    assert all(candidate.fingerprint == Rule.parse(candidate.text).fingerprint for candidate in candidates)


def test_a_rule_written_in_another_way_is_a_duplicate_of_the_first() -> None:
    """g * sign(g) * sign(g) is g by its numbers, not by the algebra of the canonical form."""
    small = {"operands": ["g", "sign(g)"], "unary": ["x"], "binary": ["left", "*"]}
    for by_probes, kinds in ((True, 1), (False, 2)):
        wanted = config(budget=80, primitives=small, groups=2, screening={"equal_by_probes": by_probes})
        texts = {candidate.text for candidate in candidates_of(wanted) if candidate.is_trained}
        assert len(texts & {"g", "g * sign(g) * sign(g)"}) == kinds, texts


def test_a_childs_seed_depends_on_the_search_and_the_rule_alone() -> None:
    one, other = config(seed=1), config(seed=2, budget=5)
    assert one.child_seed("abc") == config(seed=1, budget=3).child_seed("abc")
    assert len({one.child_seed("abc"), one.child_seed("abd"), other.child_seed("abc")}) == 3
