"""Messages for what waits, where the ones that were sent may have been thrown away: after a pause, under a limit."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.db import transaction
from django.db.models import QuerySet

from searchapp import dispatch, leases
from searchapp.fleet import fair
from searchapp.lifecycle import send_on_commit, send_trials_on_commit
from searchapp.models import Queue
from searchapp.trials import claims

AT_ONCE = 100  # messages; the reaper sends the rest


def wake_next(worker_name: str) -> None:
    """After a child on a queue with a limit: its end lets another one begin, whose message was thrown away perhaps."""
    with transaction.atomic():
        queue = fair.open_queue(worker_name)
        if queue is None or queue.limit_per_user is None:
            return
        wanted = [(_next(queue, leases.waiting()), dispatch.train_children)]
        wanted.append((_next(queue, claims.waiting()), dispatch.train_trials))
    for rows, send in wanted:
        _send(rows, send)


def _next(queue: Queue, waiting: QuerySet) -> list[int]:
    search_id = fair.whose_turn(queue, waiting)
    rows = waiting.filter(search_id=search_id).order_by("pk") if search_id else waiting.none()
    return list(rows.values_list("pk", flat=True)[:1])


def _send(rows: list[int], send: Callable[[Iterable[int]], int]) -> None:
    if rows:
        send(rows)


def wake_queue(queue: Queue) -> None:
    """Send for what waits on the queue once this transaction is committed; of much, the reaper sends the rest."""
    candidates, trials = (
        rows.filter(search__queue=queue).order_by("pk") for rows in (leases.waiting(), claims.waiting())
    )
    send_on_commit(list(candidates.values_list("pk", flat=True)[:AT_ONCE]))
    send_trials_on_commit(list(trials.values_list("pk", flat=True)[:AT_ONCE]))
    for rows in (candidates, trials):  # as never sent: that is what the reaper looks for
        rows.model._default_manager.filter(pk__in=rows.order_by().values("pk")).update(sent_at=None)
