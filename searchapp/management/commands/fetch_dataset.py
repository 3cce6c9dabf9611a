"""`manage.py fetch_dataset cifar10`: brings a data set into the data folder, and goes on after an interruption.

Without a name it lists the data sets and says which of them are here.
"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from engine.children.datasets import FETCHED, is_here
from engine.children.datasets.fetching import fetch
from engine.errors import EngineError
from engine.registry import DATASETS


class Command(BaseCommand):
    help = "Fetches a data set, verifies it and keeps it in the data folder (NOS_DATA_DIR, else data/)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?", help=f"one of: {', '.join(DATASETS)}; without one they are listed")

    def handle(self, *args: Any, name: str | None, **options: Any) -> None:
        if name is None:
            self._list()
        else:
            self._fetch(name)

    def _list(self) -> None:
        width = max(map(len, DATASETS))
        for row in DATASETS.values():
            self.stdout.write(f"{row.name:<{width}}  {_state(row.name)}  {row.summary}")

    def _fetch(self, name: str) -> None:
        try:
            with Screen() as screen:
                folder = fetch(name, screen.report)
        except EngineError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            again = "Interrupted. Run it again: it goes on with what is verified."
            raise CommandError(again, returncode=130) from None
        if folder is None:
            self.stdout.write(f"{DATASETS[name].title} comes with the program: nothing to fetch.")
        else:
            self.stdout.write(f"{DATASETS[name].title} is in {folder}, all checksums verified.")


def _state(name: str) -> str:
    if name not in FETCHED:
        return "bundled    "
    return "here       " if is_here(name) else "not fetched"


class Screen:
    """A bar on a terminal; one line for each new step elsewhere."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
        self._bar = Progress(*columns, console=self._console, transient=True, disable=not self._console.is_terminal)
        self._task = self._bar.add_task("", total=None)
        self._text = ""

    def __enter__(self) -> Screen:
        self._bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.stop()

    def report(self, text: str, done: int, total: int) -> None:
        if text != self._text and not self._console.is_terminal:
            self._console.print(text)
        self._text = text
        self._bar.update(self._task, description=text, completed=done, total=total or None)
