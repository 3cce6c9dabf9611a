"""What `manage.py up` refuses: a sentence that names what is wrong and what to do, and nothing is started or lost."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stack import ROOT, environment, free_port, running_stack


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


def test_a_second_one_in_the_same_folder_is_told_who_runs(tmp_path: Path) -> None:
    with running_stack(tmp_path / "var", "--workers", "0") as stack:
        refuses(up(stack.var_dir, free_port()), "already running", str(stack.up.pid))


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
