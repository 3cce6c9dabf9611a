"""LOG_FORMAT=json: one object a line, with the ids of what it is about."""

import asyncio
import contextvars
import io
import json
import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from celery.signals import task_prerun
from django.core.exceptions import ImproperlyConfigured

from nosweb.environment import Environment
from searchapp import dispatch
from searchapp.log_context import SUBJECTS, OneLine, SubjectFilter, about, begin, note
from searchapp.tasks import subjects

ROOT = Path(__file__).parent.parent.parent
Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def log() -> logging.Logger:
    logger = logging.getLogger("test.lines")
    logger.propagate = False
    logger.handlers.clear()
    return logger


@pytest.fixture
def lines(log: logging.Logger) -> Lines:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(OneLine())
    handler.addFilter(SubjectFilter())
    log.addHandler(handler)
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_has_its_time_level_logger_and_message(log: logging.Logger, lines: Lines) -> None:
    log.warning("%d “things”\nin two lines", 2, extra={"request": object()})
    (line,) = lines()
    assert line.pop("time").endswith("+00:00")
    assert line == {"level": "WARNING", "logger": "test.lines", "message": "2 “things”\nin two lines"}


def test_a_line_carries_the_ids_at_hand(log: logging.Logger, lines: Lines) -> None:
    with about(candidate=7):
        log.warning("claimed")
        note(search=3)
        with about(trial=9):
            log.warning("inside")
        log.warning("known")
    note(search=4)
    log.warning("outside")
    ids = [{name: line[name] for name in ("search", "candidate", "trial") if name in line} for line in lines()]
    assert ids == [
        {"candidate": 7},
        {"candidate": 7, "search": 3, "trial": 9},
        {"candidate": 7, "search": 3},
        {},
    ]


async def test_tasks_that_run_at_once_do_not_mix_their_ids(log: logging.Logger, lines: Lines) -> None:
    async def watch(search: int) -> None:
        begin(search=search)
        await asyncio.sleep(0.01)
        log.warning("%d", search)

    await asyncio.gather(*(watch(search) for search in range(1, 6)))
    assert sorted(line["search"] for line in lines()) == [1, 2, 3, 4, 5]
    assert all(str(line["search"]) == line["message"] for line in lines())


def test_a_traceback_stays_on_its_line(log: logging.Logger, lines: Lines) -> None:
    try:
        raise ValueError("a sentence")
    except ValueError:
        log.exception("failed")
    (line,) = lines()
    assert line["level"] == "ERROR"
    assert line["exc_info"].startswith("Traceback")
    assert "ValueError: a sentence" in line["exc_info"]


ASK = """
import django, logging
django.setup()
from django.test import Client
Client().get("/searches/5/settings.json?a=b")
Client().get("/nowhere/")
logging.getLogger("uvicorn.error").info("started")
"""


@pytest.mark.parametrize("form", ["json", "text"])
def test_the_setting_chooses(tmp_path: Path, form: str) -> None:
    env = {"VAR_DIR": str(tmp_path), "PATH": "", "DJANGO_SETTINGS_MODULE": "nosweb.settings", "ALLOWED_HOSTS": "*"}
    env |= {"LOG_FORMAT": form, "DEBUG": "true"}
    ran = subprocess.run(
        [sys.executable, "-c", ASK], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=True
    )
    written = ran.stderr.splitlines()
    assert len(written) >= 2
    if form == "text":
        assert any("WARNING django.request: Not Found: /nowhere/" in line for line in written)
        assert not any(line.startswith("{") for line in written)
        return
    found = [json.loads(line) for line in written]
    assert {"Not Found: /nowhere/", "started"} <= {line["message"] for line in found}
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in found)


def test_another_word_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_FORMAT", "xml")
    with pytest.raises(ImproperlyConfigured, match="LOG_FORMAT is “xml”; it must be text or json"):
        Environment().choice("LOG_FORMAT", ("text", "json"))


def test_a_task_begins_with_its_own_id(log: logging.Logger, lines: Lines) -> None:
    def run(task: str, *args: int) -> None:
        task_prerun.send(subjects, task=SimpleNamespace(name=task), args=args)
        log.warning("done")

    def run_all() -> None:
        run(dispatch.TRAIN_CHILD, 7)
        note(search=3)
        log.warning("claimed")
        run(dispatch.TRAIN_TRIAL, 9)
        run(dispatch.ADVANCE_SEARCH, 4)
        run(dispatch.REAP)

    contextvars.Context().run(run_all)
    ids = [{name: line[name] for name in SUBJECTS if name in line} for line in lines()]
    assert ids == [{"candidate": 7}, {"candidate": 7, "search": 3}, {"trial": 9}, {"search": 4}, {}]
