"""`search run`: a whole search in the terminal, without servers; `search remote`: on one; `search presets`: names."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console

from engine.config import SearchConfig
from engine.errors import EngineError, SearchStateError
from engine.local import LocalEvent, SearchReport, run_search
from searchapp.terminal import board, files, options, presets, view
from searchapp.terminal.remote import commands as remote_commands
from searchapp.terminal.remote import options as remote_options
from searchapp.terminal.remote.client import RemoteError

WRONG_VALUE = 2
INTERRUPTED = 130


class OneLineParser(CommandParser):
    """Says what is wrong in one line; argparse would print every option first."""

    def parse_known_args(  # type: ignore[override]
        self, args: Any = None, namespace: Any = None
    ) -> tuple[Namespace, list[str]]:
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return found, unknown

    def error(self, message: str) -> NoReturn:
        if self.called_from_command_line:
            self.exit(WRONG_VALUE, f"{self.prog}: {message}; see {self.prog} --help.\n")
        raise CommandError(f"Error: {message}", returncode=WRONG_VALUE)


class Command(BaseCommand):
    help = "Search for an optimizer in this terminal: no server, no database, no Redis."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(
            dest="command", required=True, metavar="run|remote|presets", parser_class=OneLineParser
        )
        options.add_options(commands.add_parser("run", help="run a search"))
        remote_options.add_options(commands.add_parser("remote", help="searches on a server"), OneLineParser)
        commands.add_parser("presets", help="list data sets, networks, protocols, controllers and primitives")

    def handle(self, *args: Any, **given: Any) -> None:
        if given["command"] == "presets":
            presets.show(Console())
            return
        chosen = Namespace(**given)
        if chosen.command == "remote":
            _run_remote(chosen)
            return
        try:
            config = options.read_config(chosen)
            options.check_run(chosen)
        except EngineError as error:
            raise CommandError(str(error), returncode=WRONG_VALUE) from None
        known = SearchReport(config)
        try:
            report = _search(config, chosen, known)
        except CommandError:
            if known.candidates:
                _finish(known, chosen)
            raise
        _finish(report, chosen)
        if not report.is_finished:
            raise SystemExit(INTERRUPTED)


def _run_remote(chosen: Namespace) -> None:
    try:
        code = remote_commands.run(chosen)
    except RemoteError as error:
        raise CommandError(str(error), returncode=error.code) from None
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
    if code:
        raise SystemExit(code)


def _search(config: SearchConfig, chosen: Namespace, known: SearchReport) -> SearchReport:
    """Progress goes to stderr, so that stdout holds results only; ``known`` has them when an error ends the search."""
    console = Console(stderr=True)
    console.print(view.introduction(config), markup=False, soft_wrap=True)
    stop = _stop_at_signals()
    try:
        with view.View(console, config) as shown:

            def on_event(event: LocalEvent) -> None:
                known.note(event)
                shown.show(event)

            return run_search(
                config,
                workers=chosen.workers,
                device=chosen.device,
                threads=chosen.threads,
                on_event=on_event,
                state_file=Path(chosen.state) if chosen.state else None,
                should_stop=stop.is_set,
            )
    except SearchStateError as error:
        raise CommandError(str(error), returncode=WRONG_VALUE) from None
    except EngineError as error:
        raise CommandError(str(error)) from None


def _stop_at_signals() -> threading.Event:
    """The first Ctrl-C ends the search with what is known; the second one ends the program."""
    stop = threading.Event()

    def end(number: int, frame: object) -> None:
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    return stop


def _finish(report: SearchReport, chosen: Namespace) -> None:
    console = Console(stderr=chosen.json == "-")
    console.print(board.leaderboard(report, chosen.top), markup=False)
    for line in board.remarks(report, chosen.state):
        console.print(line, markup=False, soft_wrap=True)
    try:
        _write(report, chosen, console)
    except OSError as error:
        raise CommandError(f"The results cannot be written: {error}.") from None


def _write(report: SearchReport, chosen: Namespace, console: Console) -> None:
    if chosen.json == "-":
        print(files.report_text(report), end="")
    elif chosen.json:
        files.write_whole(Path(chosen.json), files.report_text(report))
    if chosen.export and report.best:
        report.best.save(chosen.export)
        console.print(f"Wrote {chosen.export}: {report.best.rule.text}", markup=False, soft_wrap=True)
    elif chosen.export:
        console.print(f"No rule has a reward yet, so {chosen.export} is not written.", markup=False, soft_wrap=True)
