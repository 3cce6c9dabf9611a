"""Workers that the server does not want: of another version, or retired by somebody. Part of the reaper's pass.

The server cannot end a process on another machine. It marks the row, which the worker reads when it writes that it
lives, and until then gives back at each pass whatever the worker has taken.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import DurationField, ExpressionWrapper, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from searchapp import leases
from searchapp.models import Worker
from searchapp.selectors import WORKER_IS_LIVE, live_workers
from searchapp.trials import claims
from searchapp.version import VERSION, fits

SHOWN_FOR = timedelta(days=1)  # that the page says why a worker which has ended was refused


def dismiss() -> int:
    """One pass; returns how many children went back to their queues."""
    refuse_other_versions()
    unwanted = live_workers().filter(Q(retired=True) | ~Q(refused=""))
    given_back = sum(give_back_of(name) for name in unwanted.values_list("name", flat=True))
    Worker.objects.filter(retired=True, seen_at__lt=_before(WORKER_IS_LIVE)).delete()
    Worker.objects.exclude(refused="").filter(seen_at__lt=_before(SHOWN_FOR)).delete()
    return given_back


def refuse_other_versions() -> None:
    for worker in live_workers().filter(refused=""):
        if not fits(worker.version):
            Worker.objects.filter(pk=worker.pk, version=worker.version).update(refused=sentence(worker))


def sentence(worker: Worker) -> str:
    has = f"runs version {worker.version}" if worker.version else "runs a version that does not name itself"
    where = f" on {worker.host}" if worker.host else ""
    return f"Worker {worker.name} {has}, the server {VERSION}: install {VERSION}{where} and start the worker again."


def give_back_of(worker_name: str) -> int:
    """What the worker trains goes back to its queue at once, and counts as no loss: nothing went wrong with it."""
    return leases.give_back_of(worker_name, is_loss=False) + claims.give_back_of(worker_name, is_loss=False)


def _before(age: timedelta) -> Combinable:
    return ExpressionWrapper(Now() - Value(age, DurationField()), Worker.seen_at.field)
