"""`manage.py up` as a process: what it starts, what it says, and that it leaves nothing behind."""

import os
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from searchapp.supervision.first_run import FIRST_BUDGET
from tests.services import wait_for
from tests.stack import ROOT, START_SECONDS, Stack, alive, environment, free_port, running_stack


def up(var_dir: Path, port: int, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """An `up` that is expected to refuse."""
    env = {**environment(var_dir, port), **variables}
    command = [sys.executable, "manage.py", "up", *options]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False)


def refuses(answer: subprocess.CompletedProcess[str], *words: str) -> None:
    assert answer.returncode == 1
    assert "Traceback" not in answer.stderr
    for word in words:
        assert word in answer.stderr


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
def test_ctrl_c_while_it_is_still_starting_prints_nothing(tmp_path: Path, reached: str) -> None:
    """The files tell how far it is: reading settings, checking, starting the programs."""
    stack = Stack(tmp_path / "var").start("--workers", "0")
    wait_for((stack.var_dir / reached).exists, reached, START_SECONDS)
    started = stack.processes()
    stack.ctrl_c()
    assert stack.printed() == ""
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


def test_a_second_one_in_the_same_folder_is_told_who_runs(tmp_path: Path) -> None:
    with running_stack(tmp_path / "var", "--workers", "0") as stack:
        refuses(up(stack.var_dir, free_port()), "already running", str(stack.up.pid))


def test_after_a_kill_the_next_one_starts_in_the_same_place(tmp_path: Path) -> None:
    killed = Stack(tmp_path / "var").start("--workers", "0").wait_until_open()
    left = list(killed.processes())
    killed.up.send_signal(signal.SIGKILL)
    killed.up.wait()
    try:
        again = Stack(killed.var_dir, killed.port).start("--workers", "0").wait_until_open()
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


def test_a_port_that_is_taken_is_named_with_the_way_out(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refuses(up(tmp_path / "var", port), f"Port {port}", "already in use", "PORT=")


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}, ["database at 127.0.0.1", "DATABASE_URL"]),
        ({"REDIS_URL": "redis://127.0.0.1:1/0"}, ["REDIS_URL", "does not answer"]),
        ({"REDIS_URL": "http://127.0.0.1"}, ["REDIS_URL must look like"]),
        ({"PORT": "eighty"}, ["PORT is “eighty”", "from 1 to 65535"]),
        ({"HOST": "no-such-host.invalid"}, ["no-such-host.invalid", "HOST"]),
        ({"DATABASE_URL": "nonsense"}, ["DATABASE_URL cannot be used", "postgres://"]),
    ],
)
def test_a_setting_that_cannot_work_is_named(tmp_path: Path, variables: dict[str, str], words: list[str]) -> None:
    refuses(up(tmp_path / "var", free_port(), **variables), *words)


def test_a_number_of_workers_that_cannot_be_is_named(tmp_path: Path) -> None:
    refuses(up(tmp_path / "var", free_port(), "--workers", "many"), "--workers is “many”", "from 0 to 64")


def test_a_var_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")
    refuses(up(tmp_path / "var", free_port()), str(tmp_path / "var"), "VAR_DIR")


def test_a_database_file_that_is_none_is_named_and_kept(tmp_path: Path) -> None:
    damaged = tmp_path / "var" / "nos.sqlite3"
    damaged.parent.mkdir()
    damaged.write_text("this is no database" * 100)
    refuses(up(tmp_path / "var", free_port()), str(damaged), "not a database")
    assert damaged.read_text() == "this is no database" * 100


def test_a_program_that_cannot_start_is_named_with_the_end_of_its_log(tmp_path: Path) -> None:
    # A folder where the socket's file has to be: the embedded Redis cannot listen.
    (tmp_path / "var" / "redis" / "redis.sock" / "in the way").mkdir(parents=True)
    answer = up(tmp_path / "var", free_port())
    refuses(answer, "redis cannot start", "redis.log", "socket")
    assert "Open http" not in answer.stdout


def test_a_var_folder_too_deep_for_a_socket_works_over_a_port(tmp_path: Path) -> None:
    deep = tmp_path / ("deep-" * 20) / "var with spaces and 100%"
    deep.parent.mkdir()
    with running_stack(deep, "--workers", "0") as stack:
        kept = deep / "redis" / "url"
        assert kept.read_text().startswith("redis://:")
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert stack.ctrl_c() == 0
