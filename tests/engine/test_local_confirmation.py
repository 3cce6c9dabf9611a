"""The best rules are trained again with fresh seeds, and the baselines with the very same ones."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import pytest

from engine.children.messages import ChildJob
from engine.children.results import ChildResult
from engine.config import SearchConfig
from engine.errors import ChildError, TrainerDied
from engine.language import Rule
from engine.local import CandidateDone, ConfirmationBegun, ConfirmationDone, LocalEvent, SearchReport, run_search
from engine.registry import protocol
from tests.engine.searches import config
from tests.engine.stand import Stand, rules_and_rewards

Jobs = list[tuple[str, int]]
FRESH = [SearchConfig.confirmation_seed(number) for number in range(100)]
POWERSIGN = Rule.parse("exp(sign(g) * sign(m)) * g").canonical.text
CONFIRMED = {"top": 3, "seeds": 3, "baselines": ("adam", "sgd", "powersign")}


def reward(rule: Rule, seed: int) -> float:
    """Short rules earn more in the search; with fresh seeds long ones do, and each seed adds a little of its own."""
    if seed in FRESH:
        return rule.complexity + FRESH.index(seed) / 10
    return -float(rule.complexity)


class SeedStand(Stand):
    """Notes rule and seed of each child; rewards are no accuracies."""

    def __init__(self, jobs: Jobs, fails: dict[str, Exception] | None = None, delay: float = 0) -> None:
        super().__init__([], fails, delay)
        self.jobs = jobs

    def train(self, job: ChildJob, on_event: Any = None, should_stop: Callable[[], bool] | None = None) -> ChildResult:
        if job.seed in FRESH or not self.fails:
            super().train(job, on_event, should_stop)
        rule = Rule.parse(str(job.rule))
        self.jobs.append((rule.text, job.seed))
        return ChildResult(reward(rule, job.seed), "trained", "So be it.", 0.1, (), 0.01)


def confirmed(**changes: Any) -> SearchConfig:
    return config(confirmation={**CONFIRMED, **changes})


def run(wanted: SearchConfig, jobs: Jobs | None = None, **options: Any) -> SearchReport:
    noted: Jobs = [] if jobs is None else jobs
    return run_search(wanted, make_trainer=lambda: SeedStand(noted, delay=0.003), **options)


def fresh(jobs: Jobs) -> Jobs:
    return [(rule, FRESH.index(seed)) for rule, seed in jobs if seed in FRESH]


def test_the_best_by_reward_and_the_baselines_are_trained_with_the_same_fresh_seeds() -> None:
    jobs: Jobs = []
    report = run(confirmed(), jobs)
    by_reward = sorted(
        (c for c in report.candidates if c.is_ranked), key=lambda c: (-(c.reward or 0), c.proposed.index)
    )
    rules = {c.proposed.text for c in by_reward[:3]} | {
        "adam",
        "g",
        Rule.parse("exp(sign(g)*sign(m))*g").canonical.text,
    }
    assert set(fresh(jobs)) == {(rule, number) for rule in rules for number in range(3)}
    assert report.is_finished


def test_no_rule_is_trained_twice_with_a_seed_whatever_names_it_has() -> None:
    """A candidate that is a baseline too stands in both rows with the same numbers."""
    jobs: Jobs = []
    small = {"operands": ["g", "m"], "unary": ["x"], "binary": ["left"]}
    names = ("sgd", "momentum", "sgd")
    report = run(config(primitives=small, confirmation={"top": 5, "seeds": 2, "baselines": names}), jobs)
    assert len(fresh(jobs)) == len(set(fresh(jobs))) == 4
    rows = [(row.title, row.baseline, row.confirmed and row.confirmed.mean) for row in report.leaderboard()]
    assert sorted(rows, key=str) == [
        ("Momentum", "momentum", 1.05), ("SGD", "sgd", 1.05), ("g", None, 1.05), ("m", None, 1.05),
    ]  # fmt: skip


def test_the_leaderboard_ranks_by_confirmed_mean_first_and_then_by_reward() -> None:
    report = run(config(budget=60, seed=1, confirmation={**CONFIRMED, "top": 8}))
    rows = report.leaderboard()
    means = [row.confirmed.mean for row in rows if row.confirmed]
    rewards = [row.reward for row in rows if not row.confirmed]
    assert means == sorted(means, reverse=True)
    assert rewards == sorted(rewards, key=lambda value: -(value or 0))
    assert [row.confirmed is not None for row in rows] == [True] * 11 + [False] * (len(rows) - 11)
    assert {row.baseline for row in rows if row.candidate is None} == {"adam", "sgd", "powersign"}
    first = next(row for row in rows if row.candidate is not None)
    assert report.best == first
    assert first.reward != max(
        c.reward for c in report.candidates if c.reward is not None
    )  # the proxy's best is another


def test_a_short_leaderboard_still_has_every_baseline() -> None:
    report = run(confirmed())
    assert sum(row.candidate is not None for row in report.leaderboard(2)) == 2
    assert sum(row.baseline is not None for row in report.leaderboard(0)) == 3


def test_mean_and_spread_are_those_of_the_fresh_seeds_and_the_reward_stays_apart() -> None:
    report = run(confirmed())
    for row in report.leaderboard():
        if row.confirmed is not None:
            rewards = [reward(row.rule, seed) for seed in FRESH[:3]]
            assert row.confirmed.mean == pytest.approx(mean(rewards))
            assert row.confirmed.std == pytest.approx(stdev(rewards))
            assert row.confirmed.n == 3
        if row.candidate is not None:
            assert row.reward == -row.rule.complexity


def test_the_same_results_with_one_and_with_three_workers_on_trained_children() -> None:
    tiny = protocol("quick", learning_rates=(0.01, 0.1), epochs=1, train_examples=300, sweep_examples=200)
    wanted = config(budget=6, child={"protocol": tiny.model_dump()}, confirmation={**CONFIRMED, "top": 2, "seeds": 2})
    one, three = run_search(wanted, workers=1, device="cpu"), run_search(wanted, workers=3, device="cpu")
    assert [row.rewards for row in one.confirmations] == [row.rewards for row in three.confirmations]
    assert [repr(row) for row in one.leaderboard()] == [repr(row) for row in three.leaderboard()]
    assert any(row.spread and row.spread.std for row in one.confirmations)


def test_with_nothing_to_confirm_nothing_is_trained_after_the_search() -> None:
    jobs: Jobs = []
    events: list[LocalEvent] = []
    report = run(confirmed(top=0, baselines=()), jobs, on_event=events.append)
    assert fresh(jobs) == []
    assert report.confirmations == []
    assert not [event for event in events if isinstance(event, ConfirmationBegun | ConfirmationDone)]
    assert report.is_finished
    assert [row.reward for row in report.leaderboard()] == sorted(row.reward or 0 for row in report.leaderboard())[::-1]


def test_confirming_changes_neither_the_rules_nor_their_rewards() -> None:
    assert rules_and_rewards(run(confirmed())) == rules_and_rewards(run(confirmed(top=0, baselines=())))


def test_each_fresh_training_is_told_and_events_alone_make_the_whole_report() -> None:
    events: list[LocalEvent] = []
    wanted = confirmed()
    report, known = run(wanted, on_event=events.append, workers=2), SearchReport(wanted)
    for event in events:
        known.note(event)
    begun = [event for event in events if isinstance(event, ConfirmationBegun)]
    told = [(e.confirmation.fingerprint, e.number) for e in events if isinstance(e, ConfirmationDone)]
    assert [event.children for event in begun] == [len(told)] == [len(set(told))] == [18]
    last_candidate = max(n for n, event in enumerate(events) if isinstance(event, CandidateDone))
    assert last_candidate < events.index(begun[0])
    assert [repr(row) for row in known.leaderboard()] == [repr(row) for row in report.leaderboard()]


def test_the_report_as_json_has_every_seed_and_keeps_the_two_measurements_apart() -> None:
    read = json.loads(json.dumps(run(confirmed()).to_dict()))
    assert read["best"]["confirmed"]["n"] == 3
    assert read["best"]["reward"] < 0 < read["best"]["confirmed"]["mean"]
    for row in read["confirmations"]:
        assert [seed["seed"] for seed in row["seeds"]] == FRESH[:3]
        assert row["confirmed"]["mean"] == pytest.approx(mean(seed["reward"] for seed in row["seeds"]))
    assert [row["baseline"] for row in read["leaderboard"] if row["candidate"] is None]


def test_a_killed_confirmation_loses_no_finished_child(tmp_path: Path) -> None:
    state, script = tmp_path / "state.jsonl", tmp_path / "run.py"
    script.write_text(
        "from pathlib import Path\nfrom engine.local import run_search\n"
        "from tests.engine.test_local_confirmation import SeedStand, confirmed\n"
        f"run_search(confirmed(seeds=100), workers=2, state_file=Path({str(state)!r}),"
        " make_trainer=lambda: SeedStand([], delay=0.02))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd()), "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen([sys.executable, str(script)], env=environment)
    while not state.exists() or state.read_bytes().count(b'"confirmation"') < 12:
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = state.read_bytes().count(b'\n{"confirmation"')
    jobs: Jobs = []
    report = run(confirmed(seeds=100), jobs, state_file=state)
    assert len(jobs) == 6 * 100 - kept  # no candidate, and no fresh seed that was finished
    assert report.is_finished
    assert all(row.spread and row.spread.n == 100 for row in report.confirmations)


def test_a_finished_search_goes_on_with_more_seeds_rules_and_baselines(tmp_path: Path) -> None:
    state = tmp_path / "state.jsonl"
    run(confirmed(), state_file=state)
    jobs: Jobs = []
    report = run(confirmed(seeds=4, baselines=("adam", "rmsprop")), jobs, state_file=state)
    new = {(rule, number) for rule, number in fresh(jobs)}
    assert len(jobs) == len(new) == 3 + 1 + 4  # seed 3 of three rules and of Adam, all seeds of RMSProp
    assert {number for rule, number in new if rule != "rmsprop"} == {3}
    assert report.is_finished


def test_a_stop_in_mid_confirmation_is_not_the_end_and_the_state_file_goes_on(tmp_path: Path) -> None:
    state, told = tmp_path / "state.jsonl", []

    def note(event: LocalEvent) -> None:
        if isinstance(event, ConfirmationDone):
            told.append(event)

    part = run(confirmed(), state_file=state, on_event=note, should_stop=lambda: len(told) >= 4)
    assert not part.is_finished
    assert part.done == part.config.budget
    done = [row.confirmed for row in part.leaderboard() if row.confirmed]
    assert 1 <= len(done) < 6
    assert all(spread.n == 3 for spread in done)  # a mean of fewer seeds is not shown
    assert run(confirmed(), state_file=state).is_finished


def test_a_child_that_fails_leaves_its_rule_with_fewer_seeds_and_is_tried_again(tmp_path: Path) -> None:
    state, wanted = tmp_path / "state.jsonl", confirmed(top=0)
    fails = {"adam": TrainerDied("The trainer died.")}
    report = run_search(wanted, state_file=state, make_trainer=lambda: SeedStand([], fails))
    row = next(row for row in report.confirmations if row.baselines == ("adam",))
    assert report.is_finished
    assert (row.spread, set(row.failures)) == (None, {0, 1, 2})
    assert "adam" not in [row.baseline for row in report.leaderboard()]
    jobs: Jobs = []
    again = run(wanted, jobs, state_file=state)
    assert fresh(jobs) == [("adam", number) for number in range(3)]
    assert "adam" in [row.baseline for row in again.leaderboard()]


def test_when_every_fresh_child_fails_alike_the_search_ends_with_the_reason_and_keeps_its_rewards() -> None:
    known, fails = SearchReport(confirmed()), {"": ChildError("The disk is full.")}
    with pytest.raises(ChildError, match="full"):
        run_search(known.config, on_event=known.note, make_trainer=lambda: SeedStand([], fails))
    assert known.done == known.config.budget
    assert known.best is not None


def test_rules_that_were_not_trained_to_their_end_are_not_confirmed() -> None:
    class Dropping(SeedStand):
        def train(self, job: ChildJob, *others: Any, **named: Any) -> ChildResult:
            result = super().train(job, *others, **named)
            return ChildResult(9.0, "dropped", "Below the floor.", 0.1, (), 0.01) if "exp" in str(job.rule) else result

    report = run_search(confirmed(baselines=()), make_trainer=lambda: Dropping([]))
    assert any(c.outcome == "dropped" for c in report.candidates)
    assert all("exp" not in row.rule.text for row in report.confirmations)


def test_an_optimizer_file_says_how_its_rule_was_measured_proxy_and_confirmed() -> None:
    report = run(confirmed())
    best = report.best
    assert best is not None
    header = best.source().split("import ")[0]
    assert f"Proxy reward: validation accuracy {best.reward:.4f} at learning rate 0.1, one seed" in header
    assert f"Confirmed: validation accuracy {best.confirmed.mean:.4f} ± 0.1000 (3)" in header
    assert "Trained: convnet on digits" in header
    assert "7 learning rates from 1e-05 to 10, each tried on at most 10,000 training examples" in header
    assert "Baseline Adam, same seeds: 1.1000 ± 0.1000 (3)" in header
    unconfirmed = report.leaderboard()[-1].source()
    assert "Confirmed: no; it was not trained again with fresh seeds" in unconfirmed


def test_a_reward_that_is_a_mean_of_seeds_is_called_one() -> None:
    report = run(config(child={"protocol": {"seeds": 3}}))
    assert "mean of 3 seeds, as the search saw it" in report.best.source()


def test_two_rows_are_compared_in_pairs_of_seeds() -> None:
    report = run(confirmed())
    best, adam = report.best, next(row for row in report.leaderboard() if row.baseline == "adam")
    difference = best.confirmation.against(adam.confirmation)
    assert difference.mean == pytest.approx(best.rule.complexity - 1)
    assert difference.standard_error == pytest.approx(0, abs=1e-12)  # the seeds' own spread is out of it
