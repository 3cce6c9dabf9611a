"""`manage.py up` as a process: what it starts, what it says, and that it leaves nothing behind."""

import os
import signal
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from searchapp.supervision.first_run import FIRST_BUDGET
from tests.services import wait_for
from tests.stack import START_SECONDS, STOP_SECONDS, Stack, alive, running_stack


def test_ctrl_c_ends_everything(tmp_path: Path) -> None:
    with running_stack(tmp_path / "var") as stack:
        started = stack.processes()
        assert any("uvicorn" in command for command in started.values())
        assert any("redis-server" in command for command in started.values())
        assert any("--control" in command for command in started.values())
        assert any("--queue default" in command for command in started.values())
        assert stack.ctrl_c() == 0
        assert alive(list(started)) == []


def test_a_second_ctrl_c_does_not_cut_the_ending_short(tmp_path: Path) -> None:
    with running_stack(tmp_path / "var") as stack:
        started = stack.processes()
        os.killpg(stack.up.pid, signal.SIGINT)
        assert stack.ctrl_c() == 0
        assert alive(list(started)) == []


@pytest.mark.parametrize("reached", ["secret_key", "up.lock", "supervisord.conf"])
def test_ctrl_c_while_it_is_still_starting_ends_it_without_a_traceback(tmp_path: Path, reached: str) -> None:
    """The files tell how far it is: reading settings, checking, starting the programs."""
    stack = Stack(tmp_path / "var").start("--workers", "0")
    wait_for((stack.var_dir / reached).exists, reached, START_SECONDS)
    started = stack.processes()
    stack.ctrl_c()
    assert stack.printed().strip() in {"", "Stopping; searches that run go on at the next start."}
    assert alive(list(started)) == []


def test_a_terminal_that_is_closed_ends_everything(tmp_path: Path) -> None:
    ours, terminal = os.openpty()
    stack = Stack(tmp_path / "var").start("--workers", "0", terminal=terminal)
    os.close(terminal)
    # Long enough to have programs, too early to be open: nothing of what ends it may be taken for "not healthy yet".
    wait_for((stack.var_dir / "supervisord.pid").exists, "supervisord", START_SECONDS)
    started = stack.processes()
    os.close(ours)
    stack.up.send_signal(signal.SIGHUP)
    assert stack.up.wait(STOP_SECONDS) == 0
    assert alive(list(started)) == []


def test_on_the_first_run_a_search_is_already_running_and_no_second_one_comes(tmp_path: Path) -> None:
    with running_stack(tmp_path / "var", "--workers", "0") as stack:
        assert searches(stack.var_dir) == [("First search", "running", FIRST_BUDGET)]
        stack.ctrl_c()
    with running_stack(tmp_path / "var", "--workers", "0"):
        assert len(searches(tmp_path / "var")) == 1


def searches(var_dir: Path) -> list[tuple[str, str, int]]:
    with closing(sqlite3.connect(var_dir / "nos.sqlite3")) as database:
        return database.execute("SELECT name, status, budget FROM searchapp_search").fetchall()


def test_the_password_is_for_its_owner_only_and_one_line_is_printed(tmp_path: Path) -> None:
    with running_stack(tmp_path / "var", "--workers", "0") as stack:
        kept = stack.var_dir / "admin_password"
        assert kept.read_text().strip() == stack.password
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert stat.S_IMODE((stack.var_dir / "secret_key").stat().st_mode) == 0o600
        assert len(stack.printed().splitlines()) == 1


def test_after_a_kill_the_next_one_starts_in_the_same_place(tmp_path: Path) -> None:
    killed = Stack(tmp_path / "var").start("--workers", "0").wait_until_open()
    left = list(killed.processes())
    killed.up.send_signal(signal.SIGKILL)
    killed.up.wait()
    try:
        with running_stack(killed.var_dir, "--workers", "0", port=killed.port) as again:
            assert again.password == killed.password
            assert alive(left) == []
            assert again.ctrl_c() == 0
    finally:
        for pid in alive(left):
            os.kill(pid, signal.SIGKILL)


def test_what_dies_is_started_again(tmp_path: Path) -> None:
    with running_stack(tmp_path / "var", "--workers", "0") as stack:
        web = stack.program("uvicorn")
        os.kill(web, signal.SIGKILL)

        def another() -> bool:
            found = [pid for pid, command in stack.processes().items() if "uvicorn" in command]
            return bool(found) and found != [web]

        wait_for(another, "another web process")
        assert stack.up.poll() is None


def test_a_var_folder_too_deep_for_a_socket_works_over_a_port(tmp_path: Path) -> None:
    deep = tmp_path / ("deep-" * 20) / "var with spaces and 100%"
    deep.parent.mkdir()
    with running_stack(deep, "--workers", "0") as stack:
        kept = deep / "redis" / "url"
        assert kept.read_text().startswith("redis://:")
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert stack.ctrl_c() == 0
