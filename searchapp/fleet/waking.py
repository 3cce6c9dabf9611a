"""Messages for what waits, where the ones that were sent may have been thrown away: after a pause, under a limit."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from searchapp import dispatch, leases
from searchapp.fleet import fair
from searchapp.lifecycle import send_on_commit, send_trials_on_commit
from searchapp.models import Candidate, Queue, Trial, Worker
from searchapp.trials import claims

AT_ONCE = 100  # messages; the reaper sends the rest


def wake_next(worker_name: str) -> None:
    """After a child on a queue with a limit: its end lets another one begin, whose message was thrown away perhaps."""
    if not Worker.objects.filter(name=worker_name, queue__limit_per_user__isnull=False).exists():
        return
    with transaction.atomic():
        queue = fair.open_queue(worker_name)
        if queue is None:
            return
        candidates, trials = _next(queue, leases.waiting()), _next(queue, claims.waiting())
    if candidates:
        dispatch.train_children(candidates)
    if trials:
        dispatch.train_trials(trials)


def _next(queue: Queue, waiting: QuerySet) -> list[int]:
    search_id = fair.whose_turn(queue, waiting)
    rows = waiting.filter(search_id=search_id).order_by("pk") if search_id else waiting.none()
    return list(rows.values_list("pk", flat=True)[:1])


def wake_queue(queue: Queue) -> None:
    """Send for what waits on the queue once this transaction is committed; of much, the reaper sends the rest."""
    candidates = leases.waiting().filter(search__queue=queue).order_by("pk")
    trials = claims.waiting().filter(search__queue=queue).order_by("pk")
    send_on_commit(list(candidates.values_list("pk", flat=True)[:AT_ONCE]))
    send_trials_on_commit(list(trials.values_list("pk", flat=True)[:AT_ONCE]))
    # As never sent: that is what the reaper looks for.
    Candidate.objects.filter(pk__in=candidates.order_by().values_list("pk")).update(sent_at=None)
    Trial.objects.filter(pk__in=trials.order_by().values_list("pk")).update(sent_at=None)
