"""Old events of searches that are over are removed: they only replay what the rows of the search already say.

`seq` keeps its meaning, 1, 2, 3, … in each search: where numbers are missing, events were removed, and who asks for
them is told to read the snapshot. The last event of each search stays, so that a gap before it can be seen; new bests
stay too.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import redis
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from searchapp import control_pass
from searchapp.models import EventKind, Search, SearchEvent
from searchapp.models.statuses import OVER

log = logging.getLogger(__name__)

BATCH = 1000  # rows in one DELETE: a lock that nobody notices
MOST_A_PASS = 20_000  # rows that one pass of a control worker removes; the rest follows in the next one
DAY = 24 * 3600  # seconds


def prune(older_than: timedelta, most: int | None = None) -> int:
    """Remove events older than that, of searches that are over; returns how many, about `most` at the most."""
    removed = 0
    for search in Search.objects.filter(status__in=OVER).order_by("pk").only("pk", "events_count"):
        while most is None or removed < most:
            count = _remove_batch(_old_events(search, older_than))
            removed += count
            if count < BATCH:
                break
        else:
            break
    return removed


def prune_daily() -> int:
    """What a control worker's pass calls: removes what RETENTION_DAYS says, until nothing is left, once a day."""
    if not settings.RETENTION_DAYS:
        return 0
    try:
        if not control_pass.has_turn("prune"):
            return 0
        removed = prune(timedelta(days=settings.RETENTION_DAYS), MOST_A_PASS)
        if removed < MOST_A_PASS:
            control_pass.end_turn("prune", DAY)
    except redis.RedisError as error:
        log.warning("events are not removed: %s", type(error).__name__)
        return 0
    if removed:
        log.info("%d events older than %d days are removed", removed, settings.RETENTION_DAYS)
    return removed


def has_gap(after: int, events: Sequence[dict[str, Any]]) -> bool:
    """Were events removed between `after` and the last of these, which come in their order?"""
    return bool(events) and events[-1]["seq"] - after != len(events)


def _old_events(search: Search, older_than: timedelta) -> QuerySet[SearchEvent]:
    old = SearchEvent.objects.filter(search=search, created_at__lt=timezone.now() - older_than)
    news = {"kind": EventKind.CANDIDATE_FINISHED, "payload__best": True}
    return old.exclude(**news).exclude(seq=search.events_count).order_by("seq")


def _remove_batch(events: QuerySet[SearchEvent]) -> int:
    found = list(events.values_list("pk", flat=True)[:BATCH])
    return SearchEvent.objects.filter(pk__in=found).delete()[0] if found else 0
