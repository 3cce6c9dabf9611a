"""What staff may do to a queue. Each act is a transaction with its audit entry."""

from __future__ import annotations

from typing import NamedTuple

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef

from searchapp.editing.retry import may_retry, retry_failed
from searchapp.fleet import audit
from searchapp.fleet.errors import FleetError
from searchapp.fleet.waking import wake_queue
from searchapp.models import Candidate, CandidateStatus, Queue, Search, Trial

MOST = 32767  # what the column holds


class Requeued(NamedTuple):
    searches: int
    children: int  # candidates and trials


@transaction.atomic
def pause_queue(*, user: User, queue: Queue) -> None:
    """Nothing new starts; what trains finishes and counts. Raises FleetError when it is paused already."""
    if not Queue.objects.filter(pk=queue.pk, paused=False).update(paused=True):
        raise FleetError(f"Queue {queue.name} is paused already.")
    audit.note(user, "queue.paused", queue)


@transaction.atomic
def resume_queue(*, user: User, queue: Queue) -> None:
    """Go on: what waits is sent again. Raises FleetError when it is not paused."""
    if not Queue.objects.filter(pk=queue.pk, paused=True).update(paused=False):
        raise FleetError(f"Queue {queue.name} is not paused.")
    wake_queue(queue)
    audit.note(user, "queue.resumed", queue)


@transaction.atomic
def limit_queue(*, user: User, queue: Queue, limit: int | None) -> None:
    """How many children of one person may train at once; None: any number. What trains already goes on."""
    if limit is not None and not 1 <= limit <= MOST:
        raise FleetError(f"The limit per person is a number from 1 to {MOST:,}, or empty for no limit.")
    before = Queue.objects.values_list("limit_per_user", flat=True).get(pk=queue.pk)
    if before == limit:
        return
    Queue.objects.filter(pk=queue.pk).update(limit_per_user=limit)
    wake_queue(queue)
    audit.note(user, "queue.limited", queue, limit=limit, before=before)


@transaction.atomic
def requeue_failed(*, user: User, queue: Queue) -> Requeued:
    """Train again what failed in every search of the queue. Raises FleetError when there is nothing."""
    failed = CandidateStatus.FAILED
    children = Candidate.objects.filter(search=OuterRef("pk"), status=failed)
    trials = Trial.objects.filter(search=OuterRef("pk"), status=failed)
    searches = Search.objects.filter(Exists(children) | Exists(trials), queue=queue)
    retried = [retry_failed(search=search) for search in searches.order_by("pk") if may_retry(search)]
    if not retried:
        raise FleetError(f"No child or trial on queue {queue.name} failed that could be trained again.")
    requeued = Requeued(len(retried), sum(one.candidates + one.trials for one in retried))
    audit.note(user, "queue.requeued", queue, searches=requeued.searches, children=requeued.children)
    return requeued
