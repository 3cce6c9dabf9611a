"""A whole search in one process: reproducible, resumable, and honest about what failed."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.children.messages import ChildJob
from engine.children.results import ChildResult
from engine.errors import ChildError, ChildStopped, EngineError, SearchStateError, TrainerDied
from engine.language import Rule
from engine.local import CandidateDone, LocalEvent, RoundObserved, SearchReport, run_search
from engine.registry import protocol
from tests.engine.searches import config

TINY = {
    "learning_rates": (0.01, 0.1),
    "sweep_examples": 200,
    "epochs": 1,
    "train_examples": 300,
    "first_epoch_floor": 0,
}


class Stand:
    """A trainer that takes a moment and rewards short rules; a rule that holds `fails` makes it raise."""

    trained: list[str]

    def __init__(self, trained: list[str], fails: dict[str, Exception] | None = None, delay: float = 0.0) -> None:
        self.trained, self.fails, self.delay = trained, fails or {}, delay

    def train(self, job: ChildJob, on_event: Any = None, should_stop: Callable[[], bool] | None = None) -> ChildResult:
        time.sleep(random.random() * self.delay)
        if should_stop and should_stop():
            raise ChildStopped("stopped")
        rule = Rule.parse(job.rule) if isinstance(job.rule, str) else job.rule
        for part, error in self.fails.items():
            if part in rule.text:
                raise error
        self.trained.append(rule.text)
        return ChildResult(1 / (1 + rule.complexity), "trained", "Short.", 0.1, (), 0.01)

    def close(self) -> None:
        pass


def rules_and_rewards(report: SearchReport) -> list[tuple[tuple[str, ...], float | None]]:
    return [(c.proposed.tokens, c.reward) for c in report.candidates]


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


def test_a_search_that_was_stopped_goes_on_from_its_state_file(tmp_path: Path) -> None:
    trained: list[str] = []
    stop = threading.Event()

    def stop_after_ten(event: LocalEvent) -> None:
        if len(trained) >= 10:
            stop.set()

    wanted, state = config(budget=40, seed=2), tmp_path / "state.jsonl"
    make = lambda: Stand(trained)  # noqa: E731
    part = run_search(wanted, on_event=stop_after_ten, should_stop=stop.is_set, state_file=state, make_trainer=make)
    assert not part.is_finished
    whole = run_search(wanted, state_file=state, make_trainer=make)
    assert whole.is_finished
    assert len(trained) == len(set(trained))
    assert rules_and_rewards(whole) == rules_and_rewards(run_search(wanted, make_trainer=lambda: Stand([])))


def test_a_search_killed_at_any_moment_loses_no_finished_child(tmp_path: Path) -> None:
    state, script = tmp_path / "state.jsonl", tmp_path / "run.py"
    script.write_text(
        "from pathlib import Path\nfrom engine.local import run_search\nfrom tests.engine.test_local import Stand\n"
        "from tests.engine.searches import config\n"
        f"run_search(config(budget=400, seed=2), workers=2, state_file=Path({str(state)!r}),"
        " make_trainer=lambda: Stand([], delay=0.02))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd()), "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen([sys.executable, str(script)], env=environment)
    while not state.exists() or state.read_bytes().count(b"\n") < 12:
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = state.read_bytes().count(b"\n") - 1
    trained: list[str] = []
    wanted = config(budget=400, seed=2)
    report = run_search(wanted, state_file=state, make_trainer=lambda: Stand(trained))
    distinct = sum(c.proposed.duplicate_of is None for c in report.candidates)
    assert len(trained) == distinct - kept


def test_a_last_line_that_was_being_written_is_written_again(tmp_path: Path) -> None:
    state = tmp_path / "state.jsonl"
    run_search(config(), state_file=state, make_trainer=lambda: Stand([]))
    whole = state.read_bytes()
    state.write_bytes(whole[:-20])
    trained: list[str] = []
    run_search(config(), state_file=state, make_trainer=lambda: Stand(trained))
    assert len(trained) == 1
    assert state.read_bytes() == whole


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"no json\n", "line 1"),
        (b'{"format": 1, "config": "x"}\n', "another configuration"),
        (b'{"format": 9}\n', "of this version"),
        (b"[]\n", "line 1"),
    ],
)
def test_a_file_that_is_no_state_of_this_search_is_refused_and_left_alone(
    tmp_path: Path, content: bytes, says: str
) -> None:
    state = tmp_path / "state.jsonl"
    state.write_bytes(content)
    with pytest.raises(SearchStateError, match=says):
        run_search(config(), state_file=state, make_trainer=lambda: Stand([]))
    assert state.read_bytes() == content


def test_a_state_file_that_cannot_be_opened_or_is_in_use_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SearchStateError, match="cannot be opened"):
        run_search(config(), state_file=tmp_path / "none" / "x", make_trainer=lambda: Stand([]))
    state = tmp_path / "state.jsonl"

    def again(event: LocalEvent) -> None:
        with pytest.raises(SearchStateError, match="in use"):
            run_search(config(), state_file=state, make_trainer=lambda: Stand([]))

    run_search(config(budget=2), state_file=state, on_event=again, make_trainer=lambda: Stand([]))


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
    assert read["best"]["rule"] == report.leaderboard(1)[0].proposed.text
    assert [row["number"] for row in read["rounds"]] == [0, 1]
    assert read["config"]["budget"] == 10


def test_no_worker_is_no_crew() -> None:
    with pytest.raises(EngineError, match="workers is 0"):
        run_search(config(), workers=0)
