"""A search's state file: killed at any moment, nothing is lost; a foreign file is left alone."""

import json
import os
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
from engine.errors import ChildError, MachineError, SearchStateError, TrainerDied
from engine.local import LocalEvent, SearchReport, run_search
from tests.engine.searches import config
from tests.engine.stand import Stand, rules_and_rewards


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
        "from pathlib import Path\nfrom engine.local import run_search\nfrom tests.engine.stand import Stand\n"
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
        (b"a user's only copy, without a line's end", "is no state file"),
        (b"first line\nlast line without its end", "line 1"),
        (b'{"budget": 20}', "is no state file"),
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


@pytest.mark.parametrize(
    "line", [b'{"index": 0, "fingerprint": "x"}', b'{"index": 1, "fingerprint": "x", "result": {"zzz": 1}}', b"3"]
)
def test_a_line_that_is_no_candidate_is_named_and_the_file_left_alone(tmp_path: Path, line: bytes) -> None:
    state = tmp_path / "state.jsonl"
    run_search(config(budget=1), state_file=state, make_trainer=lambda: Stand([]))
    content = state.read_bytes() + line + b"\nhalf a li"
    state.write_bytes(content)
    with pytest.raises(SearchStateError, match="line 3 cannot be read"):
        run_search(config(budget=1), state_file=state, make_trainer=lambda: Stand([]))
    assert state.read_bytes() == content


def test_a_run_killed_while_it_wrote_its_first_line_begins_anew(tmp_path: Path) -> None:
    state = tmp_path / "state.jsonl"
    run_search(config(budget=5), state_file=state, make_trainer=lambda: Stand([]))
    whole = state.read_bytes()
    state.write_bytes(whole[:30])
    run_search(config(budget=5), state_file=state, make_trainer=lambda: Stand([]))
    assert state.read_bytes() == whole


def test_a_state_file_that_cannot_be_opened_or_is_in_use_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SearchStateError, match="cannot be opened"):
        run_search(config(), state_file=tmp_path / "none" / "x", make_trainer=lambda: Stand([]))
    state = tmp_path / "state.jsonl"

    def again(event: LocalEvent) -> None:
        with pytest.raises(SearchStateError, match="in use"):
            run_search(config(), state_file=state, make_trainer=lambda: Stand([]))

    run_search(config(budget=2), state_file=state, on_event=again, make_trainer=lambda: Stand([]))


def test_when_the_reason_is_put_right_the_failed_children_are_trained_after_all(tmp_path: Path) -> None:
    state, wanted = tmp_path / "state.jsonl", config(budget=20)
    with pytest.raises(ChildError):
        run_search(wanted, state_file=state, make_trainer=lambda: Stand([], {"": ChildError("Not now.")}))
    report = run_search(wanted, state_file=state, make_trainer=lambda: Stand([]))
    assert rules_and_rewards(report) == rules_and_rewards(run_search(wanted, make_trainer=lambda: Stand([])))


def test_a_failure_that_the_controller_has_observed_stays_a_failure(tmp_path: Path) -> None:
    state, wanted = tmp_path / "state.jsonl", config(budget=60, seed=1)
    fails = {"sign(m)": TrainerDied("The trainer died.")}
    first = run_search(wanted, state_file=state, make_trainer=lambda: Stand([], fails))
    trained: list[str] = []
    again = run_search(wanted, state_file=state, make_trainer=lambda: Stand(trained))
    assert trained == []
    assert rules_and_rewards(again) == rules_and_rewards(first)


class Failing(Stand):
    """One child finishes at the same time as another shows that this machine can train none."""

    barrier = threading.Barrier(2)

    def train(self, job: ChildJob, on_event: Any = None, should_stop: Callable[[], bool] | None = None) -> ChildResult:
        result = super().train(job)
        self.barrier.wait(timeout=30)
        if job.key == "0":
            raise MachineError("The disk is full.")
        return result


def test_an_error_that_ends_the_search_loses_no_child_that_had_finished(tmp_path: Path) -> None:
    state = tmp_path / "state.jsonl"
    known = SearchReport(config(budget=2))
    with pytest.raises(MachineError, match="full"):
        run_search(known.config, workers=2, state_file=state, on_event=known.note, make_trainer=lambda: Failing([]))
    assert [json.loads(line)["index"] for line in state.read_text().splitlines()[1:]] == [1]
    assert [candidate.proposed.index for candidate in known.candidates] == [1]
