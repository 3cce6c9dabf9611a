"""A worker's row: who is there, since when, and last seen when."""

import socket
from itertools import count

from django.db.models.functions import Now
from django.utils import timezone

from searchapp.fleet import machine
from searchapp.models import Queue, Worker
from searchapp.selectors import WORKER_IS_LIVE, live_workers
from searchapp.version import VERSION

SEEN_EVERY = 5.0  # seconds


def free_name(queue: Queue) -> str:
    """`<host>-<queue>-<n>` with the first n that no live worker has."""
    stem = f"{socket.gethostname()}-{queue.name}"[:90]
    taken = set(live_workers().values_list("name", flat=True))
    return next(name for name in (f"{stem}-{n}" for n in count(1)) if name not in taken)


def register(name: str, queue: Queue, device: str) -> None:
    now = Now()
    fields = {"host": socket.gethostname(), "device": device, "queue": queue, "candidate": None, "trial": None}
    unasked = {"draining": False, "retired": False, "refused": ""}
    state = {"version": VERSION, "machine": machine.use(device), "started_at": now, "seen_at": now}
    Worker.objects.update_or_create(name=name, defaults={**fields, **unasked, **state})


def seen(name: str, queue: Queue, device: str) -> bool:
    """Write that the worker lives; a row that somebody deleted comes back."""
    if not Worker.objects.filter(name=name).update(seen_at=Now(), machine=machine.use(device)):
        register(name, queue, device)
    return True


def is_live(worker: Worker) -> bool:
    return timezone.now() - worker.seen_at < WORKER_IS_LIVE


def leave(name: str) -> None:
    """A worker that ended in good order is not there any more; of one that was refused, the page says why."""
    Worker.objects.filter(name=name, refused="").delete()
