"""What the workers' page shows: queues, what waits on them, who serves them. Nine queries, however many there are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from searchapp import leases
from searchapp.fleet import fair
from searchapp.models import Candidate, CandidateStatus, Queue, Search, Trial, Worker
from searchapp.models.statuses import OVER
from searchapp.selectors import WORKER_IS_LIVE
from searchapp.trials import claims
from searchapp.watching.attendance import LONGEST_TEXT, RECENT, RECENT_CANDIDATES


@dataclass(frozen=True, slots=True)
class WorkerLine:
    row: Worker
    state: str  # live, draining, ending, refused, stale
    seen_seconds: int
    last_hour: int  # children
    child: dict[str, Any] | None  # what it trains, as far as the person may see it
    cpu: str
    memory: str
    gpu: str


@dataclass(frozen=True, slots=True)
class QueueLine:
    row: Queue
    workers: list[WorkerLine]
    live: int
    candidates_waiting: int
    trials_waiting: int
    in_training: int
    last_hour: int  # children, those of workers that are gone included


def fleet(user: User) -> list[QueueLine]:
    """Every queue by name, with its workers by name."""
    now = timezone.now()
    hours, by_queue = _last_hour(now)
    candidates, trials = _by_queue(leases.waiting()), _by_queue(claims.waiting())
    training = _by_queue(Candidate.objects.filter(status=fair.TRAINING))
    training += _by_queue(Trial.objects.filter(status=fair.TRAINING))
    workers: dict[int, list[WorkerLine]] = {}
    for row in Worker.objects.select_related(*(f"{held}__search__owner" for held in ("candidate", "trial"))):
        workers.setdefault(row.queue_id, []).append(_worker(row, user, now, hours[row.name]))
    return [
        QueueLine(
            queue, here := workers.get(queue.pk, []), sum(line.state in ("live", "draining") for line in here),
            candidates[queue.pk], trials[queue.pk], training[queue.pk], by_queue[queue.pk],
        )
        for queue in Queue.objects.all()
    ]  # fmt: skip


def _by_queue(rows: QuerySet[Any]) -> Counter[int]:
    return Counter(dict(rows.order_by().values_list("search__queue_id").annotate(Count("pk"))))


def _last_hour(now: datetime) -> tuple[Counter[str], Counter[int]]:
    """How many children were trained within the last hour: by worker, and by queue.

    Of candidates, only the newest of searches that ran within the hour are read.
    """
    since = now - RECENT
    ran = Search.objects.filter(~Q(status__in=OVER) | Q(finished_at__gte=since)).order_by().values("pk")
    newest = Candidate.objects.filter(
        search__in=ran, index__gte=F("search__candidates_proposed") - RECENT_CANDIDATES, seconds__isnull=False
    )
    done = Trial.objects.filter(status=CandidateStatus.FINISHED)  # one that took over its twin's numbers has no worker
    workers, queues = Counter[str](), Counter[int]()
    for rows in (newest, done):
        rows = rows.filter(finished_at__gte=since).exclude(worker_name="").order_by()
        for name, queue, count in rows.values_list("worker_name", "search__queue_id").annotate(Count("pk")):
            workers[name] += count
            queues[queue] += count
    return workers, queues


def _worker(row: Worker, user: User, now: datetime, last_hour: int) -> WorkerLine:
    seen = now - row.seen_at
    state = _state(row, is_live=seen < WORKER_IS_LIVE)
    child = _child(row, user) if state in ("live", "draining", "stale") else None
    machine = row.machine
    return WorkerLine(
        row, state, max(0, round(seen.total_seconds())), last_hour, child,
        _cpu(machine), _used(machine), _gpu(machine.get("gpu")),
    )  # fmt: skip


def _state(row: Worker, is_live: bool) -> str:
    if row.refused:
        return "refused"
    if not is_live:
        return "stale"
    return "ending" if row.retired else "draining" if row.draining else "live"


def _child(row: Worker, user: User) -> dict[str, Any] | None:
    """What it trains. Other people's: their rule, search and name for staff, for everybody else no more than that."""
    held = row.candidate or row.trial
    if held is None or held.status != fair.TRAINING:
        return None
    if not (user.is_staff or held.search.owner_id == user.pk):
        return {"is_foreign": True}
    purpose = "" if row.candidate else row.trial.purpose if row.trial else ""
    index = held.index if isinstance(held, Candidate) else None
    return {
        "text": held.text[:LONGEST_TEXT],
        "purpose": purpose,
        "index": index,
        "search": held.search,
        "owner": held.search.owner.username,
        "is_own": held.search.owner_id == user.pk,
        "key": f"{'trial' if row.candidate is None else 'candidate'}.{held.pk}.{held.attempt}",
    }


def _cpu(machine: dict[str, Any]) -> str:
    return f"{machine['cpu']:.0f} % of {machine['cores']} cores" if machine.get("cores") else ""


def _used(use: dict[str, Any]) -> str:
    """`5.1 of 16 GB`"""
    total = use.get("memory_total")
    return f"{use['memory_used'] / 1024:.1f} of {total / 1024:.0f} GB" if total else ""


def _gpu(gpu: dict[str, Any] | None) -> str:
    return f"{gpu['name']}: {gpu['busy']} %, {_used(gpu)}" if gpu else ""
