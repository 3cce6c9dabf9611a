"""The workers that serve a search's queue: who is there, what each trains, how many children an hour."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min
from django.utils import timezone

from searchapp.models import Search, Worker
from searchapp.selectors import WORKER_IS_LIVE

SHOWN_FOR = timedelta(minutes=5)  # after a worker was last seen
RECENT = timedelta(hours=1)  # that children an hour are counted over
RECENT_CANDIDATES = 2000  # of the newest candidates: a large search is not read from end to end
LONGEST_TEXT = 200  # characters of a rule


def workers_on(search: Search) -> list[dict[str, Any]]:
    """The workers of the search's queue by name: two queries, however many there are."""
    now = timezone.now()
    rows = Worker.objects.filter(queue=search.queue, seen_at__gte=now - SHOWN_FOR)
    counts = _recent(search, now)
    return [_worker(row, search, now, counts) for row in rows.select_related("candidate", "trial__candidate")]


def _recent(search: Search, now: datetime) -> dict[str, tuple[int, datetime]]:
    """Worker -> how many children of this search it trained lately, and when the first of them began."""
    newest = search.candidates.filter(index__gte=search.candidates_proposed - RECENT_CANDIDATES)
    done = newest.filter(finished_at__gte=now - RECENT, seconds__isnull=False).exclude(worker_name="")
    rows = done.values_list("worker_name").annotate(Count("pk"), Min("started_at")).order_by()
    return {name: (count, since) for name, count, since in rows}


def _worker(row: Worker, search: Search, now: datetime, counts: dict[str, tuple[int, datetime]]) -> dict[str, Any]:
    seen = now - row.seen_at
    return {
        "name": row.name,
        "host": row.host,
        "device": row.device,
        "seen_seconds": max(0.0, round(seen.total_seconds(), 1)),
        "is_live": seen < WORKER_IS_LIVE,
        "trains": _trains(row, search),
        "an_hour": _an_hour(row, now, counts),
    }


def _an_hour(row: Worker, now: datetime, counts: dict[str, tuple[int, datetime]]) -> float | None:
    """Children an hour; None when it has trained none of this search lately."""
    if row.name not in counts:
        return None
    count, since = counts[row.name]
    return round(3600 * count / max(1.0, (now - since).total_seconds()), 1)


def _trains(row: Worker, search: Search) -> dict[str, Any] | None:
    """What it trains; of other people's searches no more than that it does. None: it waits for work."""
    held = row.candidate or row.trial
    if held is None:
        return None
    if held.search_id != search.pk:
        return {"elsewhere": True}
    candidate = row.candidate or (row.trial and row.trial.candidate)
    purpose = "" if row.candidate else row.trial.purpose if row.trial else ""
    return {"index": candidate.index if candidate else None, "text": held.text[:LONGEST_TEXT], "purpose": purpose}
