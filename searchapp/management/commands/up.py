"""`python manage.py up`: everything on one machine, supervised, until Ctrl-C."""

import os
import signal
import sys
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.utils import DatabaseError

from searchapp.supervision import first_run, leftovers, preflight, redis_address
from searchapp.supervision.errors import CannotStart
from searchapp.supervision.lock import only_one
from searchapp.supervision.programs import programs
from searchapp.supervision.supervisor import Supervisor

START_SECONDS = 90  # what a slow machine may need until the web server answers
LOOK_EVERY = 0.5  # seconds
MOST_WORKERS = 64
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_ending: list[int] = []  # the signal that came: Python drops an exception that a handler raises inside a destructor


class Command(BaseCommand):
    help = "Start everything on this machine: Redis, web server, control worker, child workers. Ctrl-C ends all."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=settings.HOST, help="address to listen on (default: %(default)s)")
        parser.add_argument("--port", default=str(settings.PORT), help="port to listen on (default: %(default)s)")
        parser.add_argument("--workers", default="1", help="child workers to run, each trains one child (default: 1)")

    def handle(self, *args: Any, **options: Any) -> None:
        port = _number("--port", options["port"], 1, 65535)
        workers = _number("--workers", options["workers"], 0, MOST_WORKERS)
        for kind in ENDING:
            signal.signal(kind, _interrupt)
        try:
            preflight.check_folder(settings.VAR_DIR)
            with only_one(settings.VAR_DIR):
                self._up(options["host"], port, workers)
        except CannotStart as error:
            raise CommandError(str(error)) from None
        except KeyboardInterrupt:
            return
        except DatabaseError as error:
            raise CommandError(f"The database refuses: {' '.join(str(error).split())}.") from None
        except OSError as error:
            raise CommandError(f"{error.filename or 'A file or connection'}: {error.strerror or error}.") from None

    def _up(self, host: str, port: int, workers: int) -> None:
        leftovers.end(settings.VAR_DIR)
        _check(host, port)
        _prepare()
        os.environ |= {"HOST": host, "PORT": str(port)}  # the web process allows this host's name
        with Supervisor(programs(host, port, workers)) as supervisor:
            address = f"http://{_reachable(host)}:{port}"
            _wait_until_healthy(supervisor, address)
            first_run.ensure_search()
            self.stdout.write(f"Open {address} - {first_run.SignIn.of(settings.VAR_DIR).sentence}")
            self.stdout.flush()
            connection.close()
            while not _ending:
                time.sleep(LOOK_EVERY)
                supervisor.check()


def _interrupt(number: int, frame: FrameType | None) -> None:
    """The first signal ends everything in order; a second one would only leave programs behind."""
    _ending.append(number)
    for kind in ENDING:
        signal.signal(kind, signal.SIG_IGN)
    with suppress(OSError, RuntimeError):  # the terminal may be gone, or in the middle of a line: end all the same
        print("\nStopping; searches that run go on at the next start.", file=sys.stderr, flush=True)
    raise KeyboardInterrupt


def _number(name: str, text: str, least: int, most: int) -> int:
    if not text.isdecimal() or not least <= int(text) <= most:
        raise CommandError(f"{name} is “{text}”; it must be a number from {least} to {most}.")
    return int(text)


def _check(host: str, port: int) -> None:
    preflight.check_port(host, port)
    preflight.check_database()
    if not settings.REDIS_IS_EMBEDDED:
        preflight.check_redis(settings.REDIS_URL)
    elif redis_address.is_taken(settings.REDIS_URL):
        # Settings are read once, at the start of a process: choose another port and start anew.
        redis_address.new_port(settings.VAR_DIR)
        os.execv(sys.executable, [sys.executable, *sys.argv])


def _prepare() -> None:
    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    first_run.ensure_admin(Path(settings.VAR_DIR))


def _reachable(host: str) -> str:
    """The name under which a browser on this machine finds the server."""
    if host in {"0.0.0.0", "::", ""}:
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _wait_until_healthy(supervisor: Supervisor, address: str) -> None:
    ends = time.monotonic() + START_SECONDS
    while not _is_healthy(address):
        if _ending:
            raise KeyboardInterrupt
        supervisor.check()
        if time.monotonic() > ends:
            raise CannotStart(f"The web server does not answer at {address} after {START_SECONDS} s. {_logs()}")
        time.sleep(0.2)


def _is_healthy(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _logs() -> str:
    return f"Its log is {settings.VAR_DIR / 'log' / 'web.log'}."
