"""The command around the fetch: what it says, and its exit code."""

import pytest
from django.core.management import CommandError, call_command

from engine.registry import DATASETS
from searchapp.management.commands import fetch_dataset


def test_an_unknown_data_set_ends_with_code_1_and_the_known_ones():
    with pytest.raises(CommandError, match="digits, cifar10") as error:
        call_command("fetch_dataset", "imagenet")
    assert error.value.returncode == 1


def test_without_a_name_it_lists_what_there_is_and_what_is_here(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("NOS_DATA_DIR", str(tmp_path))
    call_command("fetch_dataset")
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert set(lines) == set(DATASETS)
    assert "bundled" in lines["digits"]
    assert "not fetched" in lines["fashion-mnist"]
    monkeypatch.setattr(fetch_dataset, "is_here", lambda name: True)
    call_command("fetch_dataset")
    assert "not fetched" not in capsys.readouterr().out


def test_a_data_set_that_is_bundled_needs_no_fetch(capsys):
    call_command("fetch_dataset", "digits")
    assert "nothing to fetch" in capsys.readouterr().out


def test_it_says_where_the_data_lies_and_what_it_is_doing(capsys, monkeypatch, tmp_path):
    def fetch(name, report):
        report("Converting", 1, 6)
        return tmp_path

    monkeypatch.setattr(fetch_dataset, "fetch", fetch)
    call_command("fetch_dataset", "cifar10")
    said = capsys.readouterr()
    assert str(tmp_path) in said.out.replace("\n", "")
    assert "Converting" in said.err


def test_ctrl_c_is_a_sentence(monkeypatch):
    def interrupted(name, report):
        raise KeyboardInterrupt

    monkeypatch.setattr(fetch_dataset, "fetch", interrupted)
    with pytest.raises(CommandError, match="Run it again"):
        call_command("fetch_dataset", "cifar10")
