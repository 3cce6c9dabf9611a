"""A search in this process does not train what is screened out, and goes on all the same."""

from engine.local import CandidateDone, LocalEvent, RoundObserved, run_search
from tests.engine.searches import config
from tests.engine.stand import Stand, rules_and_rewards

NO_GRADIENT = {"operands": ["1", "2", "w"], "unary": ["x", "exp"], "binary": ["+"]}


def test_screened_rules_are_told_once_with_reward_0_and_never_trained() -> None:
    trained: list[str] = []
    events: list[LocalEvent] = []
    wanted = config("paper", budget=60, round_size=6, screening={}, seed=3)
    report = run_search(wanted, on_event=events.append, make_trainer=lambda: Stand(trained))
    screened = [candidate for candidate in report.candidates if candidate.outcome == "screened"]
    assert len(screened) > 20
    assert {(candidate.reward, candidate.reason != "") for candidate in screened} == {(0.0, True)}
    assert {candidate.proposed.text for candidate in screened}.isdisjoint(trained)
    told = [event.candidate.proposed.index for event in events if isinstance(event, CandidateDone)]
    assert sorted(told) == list(range(60))
    assert not any(event.is_best for event in events if isinstance(event, CandidateDone) and not event.candidate.reward)
    ranked = [row.candidate for row in report.leaderboard(60) if row.candidate]
    assert len(ranked) > 10
    assert all(candidate.outcome == "trained" for candidate in ranked)


def test_a_search_whose_rules_are_all_screened_out_ends_without_any_training() -> None:
    trained: list[str] = []
    events: list[LocalEvent] = []
    wanted = config(budget=20, primitives=NO_GRADIENT, screening={})
    report = run_search(wanted, on_event=events.append, make_trainer=lambda: Stand(trained))
    assert (report.is_finished, report.done, report.best, trained) == (True, 20, None, [])
    assert [event.number for event in events if isinstance(event, RoundObserved)] == list(range(4))


def test_one_worker_and_three_propose_the_same_rules_when_some_are_screened() -> None:
    wanted = config("paper", budget=40, screening={}, seed=9)
    one = run_search(wanted, workers=1, make_trainer=lambda: Stand([]))
    three = run_search(wanted, workers=3, make_trainer=lambda: Stand([], delay=0.01))
    assert rules_and_rewards(one) == rules_and_rewards(three)
    assert any(candidate.outcome == "screened" for candidate in one.candidates)
