"""The two kinds of worker processes: Celery in this process, and what each needs around it."""

import logging
import os
import signal
import socket
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
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
from searchapp.workers.orders import Orders

log = logging.getLogger(__name__)

DISMISSED = 10  # exit code: ended on the server's word; who restarts workers should leave this one alone
REAP_EVERY = 5.0  # seconds
CONTROL_THREADS = 2


class Dismissed(Exception):
    """The server told this worker to end; the message is for its terminal."""


def run_children(app: Celery, queue: Queue, name: str, device: str, threads: int) -> int:
    """Train the children of a queue until a signal ends this process; returns the exit code.

    Raises:
        Dismissed: the server told this worker to end; supervisors know its exit code, and let it be.
    """
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
        orders = Orders(worker, queue, device, partial(_serve, app, name), _end_this_process)
        stack.enter_context(Heartbeat(orders.look, presence.SEEN_EVERY, f"row of {name}"))
        code = _run_celery(app, name, _celery_queues(queue.name), "searchapp.tasks.children", 1)
    if orders.dismissed:
        raise Dismissed(orders.dismissed)
    return code


def _celery_queues(queue_name: str) -> list[str]:
    return [dispatch.children_queue(queue_name), dispatch.trials_queue(queue_name)]


def _serve(app: Celery, name: str, before: str, now: str) -> None:
    """Take from another queue's Celery queues, told by way of the broker: the consumer belongs to another thread."""
    to = [_node(name)]
    for queue in _celery_queues(now):
        app.control.add_consumer(queue, destination=to)
    for queue in _celery_queues(before):
        app.control.cancel_consumer(queue, destination=to)


def _end_this_process() -> None:
    os.kill(os.getpid(), signal.SIGTERM)  # as its supervisor would: Celery ends in good order


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
    worker = app.Worker(hostname=_node(name), without_gossip=True, without_mingle=True, loglevel="INFO", **settings)
    worker.start()
    return worker.exitcode or 0


def _node(name: str) -> str:
    return f"{name}@{socket.gethostname()}"


def _on_shutdown(call: Callable[[], object]) -> None:
    signals.worker_shutting_down.connect(lambda **_: call(), weak=False)
