"""The numbers of the installation for Prometheus, asked of the database and Redis whenever they are collected.

Every query counts by an index or adds up a column of the searches: none reads the candidates one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import redis
from django.db.models import Count, IntegerField, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from searchapp import control_pass
from searchapp.models import Candidate, CandidateStatus, Queue, Search, SearchStatus, Trial
from searchapp.models.statuses import WAITING
from searchapp.selectors import live_workers


class ProductCollector(Collector):
    """Collects anew at each scrape; nothing is counted in this process, so any number of processes agree."""

    def collect(self) -> Iterator[Metric]:
        yield _by("nos_searches", "Searches by status.", "status", _searches())
        yield _by("nos_candidates", "Candidates by status, of all searches.", "status", _candidates())
        yield _by("nos_trials_waiting", "Trials that wait or train, by status.", "status", _trials())
        yield _by("nos_queue_waiting", "Candidates that wait for a worker, by queue.", "queue", _waiting_by_queue())
        yield _by("nos_workers_live", "Child workers seen in the last 15 s, by queue.", "queue", _workers(False))
        yield _by("nos_workers_busy", "Live child workers that train, by queue.", "queue", _workers(True))
        yield GaugeMetricFamily("nos_events", "Events written, of the searches that exist.", value=_events())
        yield from _control_pass()

    def describe(self) -> Iterable[Metric]:
        return []  # nothing is collected while the registry is made


def exposition() -> bytes:
    """All metrics in Prometheus' text format, with this process' memory, processor time and open files."""
    registry = CollectorRegistry()
    registry.register(ProductCollector())
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    return generate_latest(registry)


def _by(name: str, text: str, label: str, values: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=[label])
    for value, count in sorted(values.items()):
        family.add_metric([value], count)
    return family


def _searches() -> dict[str, int]:
    rows = Search.objects.order_by().values_list("status").annotate(Count("pk"))
    return {**dict.fromkeys(SearchStatus.values, 0), **dict(rows)}


def _candidates() -> dict[str, int]:
    """Those that wait by their partial index; done ones as searches count them, the failed among them by an index."""
    waiting = dict(Candidate.objects.filter(status__in=WAITING).order_by().values_list("status").annotate(Count("pk")))
    failed = (
        Candidate.objects.filter(search=OuterRef("pk"), status=CandidateStatus.FAILED)
        .order_by()
        .values("search")
        .annotate(count=Count("pk"))
        .values("count")
    )
    failures = Coalesce(Subquery(failed, output_field=IntegerField()), 0)
    done = Search.objects.annotate(failures=failures).aggregate(all=Sum("candidates_done"), failed=Sum("failures"))
    failed_count = done["failed"] or 0
    return {
        CandidateStatus.QUEUED.value: waiting.get(CandidateStatus.QUEUED, 0),
        CandidateStatus.TRAINING.value: waiting.get(CandidateStatus.TRAINING, 0),
        CandidateStatus.FINISHED.value: (done["all"] or 0) - failed_count,
        CandidateStatus.FAILED.value: failed_count,
    }


def _trials() -> dict[str, int]:
    rows = Trial.objects.filter(status__in=WAITING).order_by().values_list("status").annotate(Count("pk"))
    return {**dict.fromkeys(sorted(WAITING), 0), **dict(rows)}


def _waiting_by_queue() -> dict[str, int]:
    """Duplicates wait for their twin, and the candidates of a paused search for its owner, not for a worker."""
    waiting = Candidate.objects.filter(
        status=CandidateStatus.QUEUED, duplicate_of=None, search__status=SearchStatus.RUNNING
    )
    return _none_missing(dict(waiting.order_by().values_list("search__queue__name").annotate(Count("pk"))))


def _workers(busy: bool) -> dict[str, int]:
    workers = live_workers()
    if busy:
        workers = workers.filter(Q(candidate__isnull=False) | Q(trial__isnull=False))
    return _none_missing(dict(workers.order_by().values_list("queue__name").annotate(Count("pk"))))


def _none_missing(counts: dict[str, int]) -> dict[str, int]:
    """A queue without any is 0: a series that is absent would raise no alarm."""
    return {**dict.fromkeys(Queue.objects.order_by().values_list("name", flat=True), 0), **counts}


def _events() -> int:
    return int(Search.objects.aggregate(count=Sum("events_count"))["count"] or 0)


def _control_pass() -> Iterator[Metric]:
    try:
        ago = control_pass.seconds_ago()
    except redis.RedisError:
        yield GaugeMetricFamily("nos_redis_up", "1 while Redis answers.", value=0)
        return
    yield GaugeMetricFamily("nos_redis_up", "1 while Redis answers.", value=1)
    if ago is not None:
        yield GaugeMetricFamily(
            "nos_control_pass_age_seconds", "Seconds since a control worker's last pass.", value=ago
        )
