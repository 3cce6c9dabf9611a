"""The acts of staff as actions of the admin's lists: each row by itself, with a sentence for what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from searchapp.access import person
from searchapp.fleet import audit, queues, workers
from searchapp.fleet.errors import FleetError
from searchapp.models import Queue

Act = Callable[[Any, Any], object]


def action(name: str, description: str, done: str, act: Act) -> Callable[[Any, HttpRequest, QuerySet[Model]], None]:
    """An admin action that does `act(user, row)` for each row chosen; `done` is said after the row's name."""

    def run(model_admin: admin.ModelAdmin, request: HttpRequest, chosen: Iterable[Model]) -> None:
        for row in chosen:
            try:
                act(person(request), row)
            except FleetError as error:
                model_admin.message_user(request, str(error), messages.ERROR)
            else:
                model_admin.message_user(request, f"{audit.named(row)}: {done}.", messages.SUCCESS)

    run.__name__ = name  # the admin's key
    run.short_description = description  # type: ignore[attr-defined]
    return run


pause = action(
    "pause", "Pause: nothing new starts", "paused", lambda user, row: queues.pause_queue(user=user, queue=row)
)
resume = action("resume", "Go on after a pause", "goes on", lambda user, row: queues.resume_queue(user=user, queue=row))
requeue = action(
    "requeue",
    "Train again what failed",
    "what failed is queued again",
    lambda user, row: queues.requeue_failed(user=user, queue=row),
)
drain = action(
    "drain",
    "Drain: finish the child, then end",
    "drains",
    lambda user, row: workers.drain_worker(user=user, worker=row),
)
retire = action(
    "retire",
    "Retire: give back what it holds and remove it",
    "retired",
    lambda user, row: workers.retire_worker(user=user, worker=row),
)
cancel = action(
    "cancel", "Cancel the training", "cancelled", lambda user, row: workers.cancel_child(user=user, child=row)
)


def moves() -> dict[str, tuple[Any, str, str]]:
    """An action for each queue, in the shape that `ModelAdmin.get_actions` returns."""
    found = {}
    for queue in Queue.objects.all():
        name = f"move_to_{queue.pk}"
        text = f"Move to queue {queue.name}"
        act = partial(_move, queue)
        found[name] = (action(name, text, f"moved to queue {queue.name}", act), name, text)
    return found


def _move(queue: Queue, user: Any, row: Any) -> None:
    workers.move_worker(user=user, worker=row, queue=queue)
