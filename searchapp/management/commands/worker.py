"""`python manage.py worker`: one worker process. `up` starts them; on other machines people do."""

import os
import socket
from argparse import ArgumentParser
from typing import Any

from celery import current_app
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, ProgrammingError

from searchapp import selectors
from searchapp.models import Queue
from searchapp.workers import presence, run


class Command(BaseCommand):
    help = "Run one worker until it is told to end: a child worker of a queue, or (--control) a control worker."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--control", action="store_true", help="advance searches and reap, instead of training")
        parser.add_argument("--queue", default=Queue.DEFAULT, help="the queue whose children to train")
        parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1, ...")
        parser.add_argument("--threads", type=int, default=1, help="threads that a child is trained with")
        parser.add_argument("--name", default="", help="keep it over restarts; default: <host>-<queue>-<n>")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["threads"] < 1:
            raise CommandError(f"--threads is {options['threads']}; it must be 1 or more.")
        if len(options["name"]) > 100:
            raise CommandError("--name is too long; it may have 100 characters.")
        code = self._control(**options) if options["control"] else self._children(**options)
        if code:
            raise SystemExit(code)

    def _control(self, name: str, **_: Any) -> int:
        # The controller is small: more threads than one only take turns. Set before torch is imported.
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        return run.run_control(current_app, name or f"{socket.gethostname()}-control-{os.getpid()}")

    def _children(self, name: str, queue: str, device: str, threads: int, **_: Any) -> int:
        row = _find_queue(queue)
        try:
            return run.run_children(current_app, row, name or presence.free_name(row), device, threads)
        except run.Dismissed as dismissed:
            self.stderr.write(str(dismissed))
            return run.DISMISSED


def _find_queue(name: str) -> Queue:
    try:
        return selectors.find_queue(name)
    except (OperationalError, ProgrammingError) as error:
        raise CommandError(f"The database is not ready ({error}); run `python manage.py migrate` first.") from None
    except selectors.UnknownQueue as error:
        raise CommandError(f"{error} The admin can add one.") from None
