"""Whose turn it is on a queue: a message wakes a worker, and this order decides what the worker takes.

First those with the fewest children in training now, by person and then by search, then the one that waits longest. A
person at the queue's limit waits. Between two workers that look at the same moment the order is only nearly kept; that
each child is trained once, and that no limit is passed, is exact (see `leases.claim_next`).
"""

from __future__ import annotations

from collections import Counter

from django.db.models import Count, Min, Model, QuerySet

from searchapp.models import Candidate, CandidateStatus, Queue, Trial, Worker

ATTEMPTS = 10  # to find something that no other worker took meanwhile
TRAINING = CandidateStatus.TRAINING


def open_queue(worker_name: str, otherwise: int | None = None) -> Queue | None:
    """The queue that this worker may take from now. None: it is paused, or the worker may take nothing any more.

    A worker whose row somebody removed a moment ago serves the queue `otherwise`. Inside a transaction the row of a
    queue with a limit is locked: who counts what trains there must not count at the same time as another.
    """
    worker = Worker.objects.filter(name=worker_name).first()
    if worker is not None and (worker.draining or worker.retired or worker.refused):
        return None
    wanted = Queue.objects.filter(pk=(worker.queue_id if worker else otherwise) or 0)
    queue = wanted.first()
    if queue is not None and queue.limit_per_user is not None:
        queue = wanted.select_for_update(no_key=True).first()
    return None if queue is None or queue.paused else queue


def whose_turn(queue: Queue, waiting: QuerySet[Model]) -> int | None:
    """The search that the next child is taken from: three queries, however much waits.

    Args:
        waiting: candidates or trials that may be claimed, of any queue.
    """
    rows = waiting.filter(search__queue=queue).order_by().values_list("search_id", "search__owner_id")
    searches = list(rows.annotate(Min("pk")))
    if not searches:
        return None
    by_search, by_person = in_training(queue)
    limit = queue.limit_per_user
    turns = [
        (by_person[owner], by_search[search], first, search)
        for search, owner, first in searches
        if limit is None or by_person[owner] < limit
    ]
    return min(turns)[-1] if turns else None


def in_training(queue: Queue) -> tuple[Counter[int], Counter[int]]:
    """How many children, those of trials included, train on the queue now: by search, and by person."""
    by_search, by_person = Counter[int](), Counter[int]()
    for model in (Candidate, Trial):
        held = model._default_manager.filter(status=TRAINING, search__queue=queue).order_by()
        for search, owner, count in held.values_list("search_id", "search__owner_id").annotate(Count("pk")):
            by_search[search] += count
            by_person[owner] += count
    return by_search, by_person
