"""What a line of the log is about: the search, candidate or trial at hand, and the lines themselves as JSON.

The ids stand in a dictionary of the running task or thread: `about` lays one out,
`note` adds what is learned on the way.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.http import HttpRequest, HttpResponse
from pythonjsonlogger.json import JsonFormatter

SUBJECTS = ("search", "candidate", "trial")  # ids of rows
WRITTEN = ("time", "level", "logger", "message", *SUBJECTS, "exc_info", "stack_info")

_subject: ContextVar[dict[str, int] | None] = ContextVar("log_subject", default=None)


@contextmanager
def about(**ids: int) -> Iterator[None]:
    """Lines that are written in the block carry these ids, and those around it."""
    token = _subject.set({**(_subject.get() or {}), **ids})
    try:
        yield
    finally:
        _subject.reset(token)


def note(**ids: int) -> None:
    """Lines from here to the end of the block carry these ids too; outside of any block nothing is kept."""
    found = _subject.get()
    if found is not None:
        found.update(ids)


def begin(**ids: int) -> None:
    """All lines of this asyncio task from here on, and of those that it starts, carry these ids."""
    _subject.set(dict(ids))


class SubjectFilter(logging.Filter):
    """Puts the ids on each record; it lets all of them pass."""

    def filter(self, record: logging.LogRecord) -> bool:
        for name, number in (_subject.get() or {}).items():
            setattr(record, name, number)
        return True


class OneLine(JsonFormatter):
    """A record as one JSON object on one line. What libraries hang on their records besides is left out."""

    def __init__(self) -> None:
        names = {"levelname": "level", "name": "logger"}
        super().__init__(["levelname", "name", "message"], timestamp="time", rename_fields=names)

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        return {name: log_data[name] for name in WRITTEN if log_data.get(name) is not None}


class LogContextMiddleware:
    """A request to an address of a search is about that search."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with about():
            return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, values: dict[str, Any]) -> None:
        if "search_id" in values:
            note(search=values["search_id"])
