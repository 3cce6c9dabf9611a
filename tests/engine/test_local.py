"""A whole search in one process: reproducible, and honest about what failed."""

import json
from pathlib import Path

import pytest

from engine.errors import ChildError, EngineError, TrainerDied
from engine.local import CandidateDone, LocalEvent, RoundObserved, run_search
from engine.registry import protocol
from tests.engine.searches import config
from tests.engine.stand import Stand, rules_and_rewards

TINY = {
    "learning_rates": (0.01, 0.1),
    "sweep_examples": 200,
    "epochs": 1,
    "train_examples": 300,
    "first_epoch_floor": 0,
}


def test_the_same_seed_gives_the_same_rules_and_rewards_with_one_and_with_three_workers() -> None:
    """On really trained digits children."""
    wanted = config(budget=12, seed=4, child={"protocol": protocol("quick", **TINY).model_dump()})
    one, three = run_search(wanted, workers=1, device="cpu"), run_search(wanted, workers=3, device="cpu")
    assert rules_and_rewards(one) == rules_and_rewards(three)
    assert one.rounds == three.rounds
    assert one.is_finished
    assert one.done == 12


def test_every_candidate_is_told_once_and_every_round_in_order() -> None:
    events: list[LocalEvent] = []
    report = run_search(
        config(budget=43), workers=3, on_event=events.append, make_trainer=lambda: Stand([], delay=0.01)
    )
    told = [event.candidate.proposed.index for event in events if isinstance(event, CandidateDone)]
    assert sorted(told) == list(range(43))
    assert [event.number for event in events if isinstance(event, RoundObserved)] == list(range(9))
    bests = [event.candidate.reward or 0 for event in events if isinstance(event, CandidateDone) and event.is_best]
    assert bests == sorted(bests)
    assert report.best is not None
    assert report.best.reward == max(bests)


def test_a_rule_is_trained_once_however_often_it_is_proposed() -> None:
    trained: list[str] = []
    small = {"operands": ["g"], "unary": ["x", "sign"], "binary": ["+", "*"]}
    report = run_search(
        config(budget=60, primitives=small), workers=2, make_trainer=lambda: Stand(trained, delay=0.002)
    )
    assert len(trained) == len(set(trained)) < 60
    assert all(c.reward is not None for c in report.candidates)
    duplicates = [c for c in report.candidates if c.proposed.duplicate_of is not None]
    assert all(c.reward == report.candidates[c.proposed.duplicate_of or 0].reward for c in duplicates)


def test_a_child_that_fails_is_left_out_and_the_search_goes_on() -> None:
    fails = {"sign(m)": TrainerDied("The trainer died.")}
    report = run_search(config(budget=60, seed=1), make_trainer=lambda: Stand([], fails))
    failed = [c for c in report.candidates if c.outcome == "failed"]
    assert report.is_finished
    assert failed
    assert all(c.reward is None and c.reason for c in failed)


def test_when_every_child_fails_alike_the_search_ends_with_the_reason(tmp_path: Path) -> None:
    fails = {"": ChildError("CIFAR-10 is not on this machine.")}
    with pytest.raises(ChildError, match="CIFAR-10"):
        run_search(config(budget=60), make_trainer=lambda: Stand([], fails))


def test_a_report_is_json_with_everything_in_it() -> None:
    report = run_search(config(budget=10), make_trainer=lambda: Stand([]))
    read = json.loads(json.dumps(report.to_dict()))
    assert len(read["candidates"]) == 10
    assert read["best"]["rule"] == report.leaderboard(1)[0].rule.text
    assert [row["number"] for row in read["rounds"]] == [0, 1]
    assert read["config"]["budget"] == 10


def test_no_worker_is_no_crew() -> None:
    with pytest.raises(EngineError, match="workers is 0"):
        run_search(config(), workers=0)
