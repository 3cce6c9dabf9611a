"""The two kinds of worker processes: Celery in this process, and what each needs around it."""

import logging
import socket
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from celery import Celery, signals
from celery.beat import EmbeddedService, Scheduler
from django.conf import settings as django_settings

from engine.children.process import TrainerProcess
from searchapp import dispatch, leases
from searchapp.models import Queue
from searchapp.trials import claims
from searchapp.workers import child, presence
from searchapp.workers.heartbeat import Heartbeat

log = logging.getLogger(__name__)

REAP_EVERY = 5.0  # seconds
CONTROL_THREADS = 2


def run_children(app: Celery, queue: Queue, name: str, device: str, threads: int) -> int:
    """Train the children of a queue until a signal ends this process; returns the exit code."""
    trainer = TrainerProcess(device, threads)
    worker = child.ChildWorker(name, trainer)
    child.install(worker)
    presence.register(name, queue, device)
    held = leases.give_back_of(name) + claims.give_back_of(name)
    log.info("%s gave back %d candidates and trials of an earlier worker", name, held)
    _on_shutdown(worker.end_soon)
    with ExitStack() as stack:
        stack.callback(presence.leave, name)
        stack.callback(trainer.close)
        seen = Heartbeat(lambda: presence.seen(name, queue, device), presence.SEEN_EVERY, f"row of {name}")
        stack.enter_context(seen)
        queues = [dispatch.children_queue(queue.name), dispatch.trials_queue(queue.name)]
        return _run_celery(app, name, queues, "searchapp.tasks.children", 1)


def run_control(app: Celery, name: str) -> int:
    """Advance searches and reap until a signal ends this process; returns the exit code."""
    options = {"queue": dispatch.CONTROL_QUEUE, "expires": 2 * REAP_EVERY}  # they must not pile up
    app.conf.beat_schedule = {"reap": {"task": dispatch.REAP, "schedule": REAP_EVERY, "options": options}}
    # The in-memory scheduler: the one entry needs no file that could be left locked or damaged.
    beat = EmbeddedService(app, thread=True, scheduler_cls=Scheduler)
    for chatty in ("celery.beat", "celery.app.trace", "celery.worker.strategy"):  # a line each for every pass
        logging.getLogger(chatty).setLevel(logging.WARNING)
    _on_shutdown(beat.service.stop)  # does not wait: the thread ends with the process
    signals.worker_ready.connect(lambda **_: beat.start(), weak=False)
    return _run_celery(app, name, [dispatch.CONTROL_QUEUE], "searchapp.tasks.control", CONTROL_THREADS)


def _run_celery(app: Celery, name: str, queues: list[str], tasks: str, threads: int) -> int:
    # Threads, not forks: heartbeats and control commands go on while a child trains, and nothing forks after CUDA.
    settings: dict[str, Any] = {"pool": "threads", "concurrency": threads, "queues": queues, "include": [tasks]}
    settings["quiet"] = django_settings.LOG_FORMAT == "json"  # no banner among the lines
    worker = app.Worker(
        hostname=f"{name}@{socket.gethostname()}", without_gossip=True, without_mingle=True, loglevel="INFO", **settings
    )
    worker.start()
    return worker.exitcode or 0


def _on_shutdown(call: Callable[[], object]) -> None:
    signals.worker_shutting_down.connect(lambda **_: call(), weak=False)
