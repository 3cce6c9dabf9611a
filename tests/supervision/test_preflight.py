"""What is checked before anything starts, and what an earlier `up` may have left."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from searchapp.supervision import leftovers, preflight
from searchapp.supervision.errors import CannotStart
from searchapp.supervision.lock import only_one


def test_a_full_disk_is_said_with_what_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight.shutil, "disk_usage", lambda _: SimpleNamespace(free=12 * 2**20))
    with pytest.raises(CannotStart, match=r"Only 12 MB are free where .* lies; 200 MB are needed"):
        preflight.check_folder(tmp_path / "var")


def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight.os, "access", lambda path, mode: False)  # root, who runs many a test, may write all
    with pytest.raises(CannotStart, match=r"var cannot be written.*VAR_DIR="):
        preflight.check_folder(tmp_path / "var")


def test_a_lock_whose_owner_was_killed_blocks_nobody(tmp_path: Path) -> None:
    (tmp_path / "up.lock").write_text("4242\n")
    with only_one(tmp_path):
        assert (tmp_path / "up.lock").read_text() == f"{os.getpid()}\n"


@pytest.mark.parametrize("kept", ["", "not a number", "4194304000", "-1", "0"])
def test_a_pid_file_that_tells_nothing_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: str
) -> None:
    if sys.platform == "linux":
        monkeypatch.setenv("PATH", "")  # a slim image has no `ps`
    (tmp_path / "supervisord.pid").write_text(kept)
    leftovers.end(tmp_path)


def test_another_program_that_has_got_the_number_since_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as other:
        (tmp_path / "supervisord.pid").write_text(str(other.pid))
        leftovers.end(tmp_path)
        assert other.poll() is None
        other.kill()
