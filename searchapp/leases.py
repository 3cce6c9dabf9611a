"""Claims: which worker trains a candidate, and until when. All times are the database's, not the workers'."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from searchapp.models import Candidate, CandidateStatus, EventKind, Search, Worker
from searchapp.models.statuses import OVER, SearchStatus
from searchapp.recorder import record
from searchapp.results import give_back

LEASE = timedelta(seconds=30)
RENEW_EVERY = 5.0  # seconds
NOT_HEARD = f"its worker was not heard of for {LEASE.seconds} seconds."


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to train one candidate, as long as `attempt` is the candidate's."""

    candidate_id: int
    search_id: int
    attempt: int


def claim(*, candidate_id: int, worker_name: str) -> Claim | None:
    """Claim a candidate that waits, or whose lease ran out. None when there is nothing to train: that is no error."""
    with transaction.atomic():
        search_id = Candidate.objects.filter(pk=candidate_id).values_list("search_id", flat=True).first()
        search = search_id and Search.objects.select_for_update(no_key=True).filter(pk=search_id).first()
        if not search or search.status != SearchStatus.RUNNING or not _take(candidate_id, worker_name):
            return None
        candidate = Candidate.objects.get(pk=candidate_id)
        Worker.objects.filter(name=worker_name).update(candidate=candidate)
        record(search, EventKind.CANDIDATE_STARTED, {"index": candidate.index, "worker": worker_name})
        return Claim(candidate_id, search.pk, candidate.attempt)


def _take(candidate_id: int, worker_name: str) -> bool:
    """The one UPDATE that decides between workers; its conditions are the row's own, so the loser sees the change."""
    free = Q(status=CandidateStatus.QUEUED) | Q(status=CandidateStatus.TRAINING, lease_until__lt=Now())
    taken = Candidate.objects.filter(free, pk=candidate_id, duplicate_of=None).update(
        status=CandidateStatus.TRAINING,
        attempt=F("attempt") + 1,
        worker_name=worker_name,
        lease_until=lease_end(),
        started_at=Now(),
    )
    return taken == 1


def renew(claim: Claim) -> bool:
    """Renew the lease. False: stop training, for the search is over or the candidate is somebody else's now."""
    mine = Candidate.objects.filter(
        pk=claim.candidate_id, attempt=claim.attempt, status=CandidateStatus.TRAINING
    ).update(lease_until=lease_end())
    return bool(mine) and not Search.objects.filter(pk=claim.search_id, status__in=OVER).exists()


def expired() -> QuerySet[Candidate]:
    """Candidates whose worker has not renewed its lease in time."""
    return Candidate.objects.filter(status=CandidateStatus.TRAINING, lease_until__lt=Now()).order_by("pk")


def give_back_expired() -> int:
    rows = list(expired().values_list("pk", "attempt"))
    return sum(give_back(candidate_id=pk, attempt=attempt, lost=NOT_HEARD, if_expired=True) for pk, attempt in rows)


def give_back_of(worker_name: str) -> int:
    """A worker that starts holds nothing: what a dead one of its name held goes back at once."""
    held = Candidate.objects.filter(status=CandidateStatus.TRAINING, worker_name=worker_name).order_by("pk")
    lost = f"worker {worker_name} ended while it trained."
    rows = list(held.values_list("pk", "attempt"))
    return sum(give_back(candidate_id=pk, attempt=attempt, lost=lost) for pk, attempt in rows)


def lease_end() -> Combinable:
    """When a lease that is taken now runs out."""
    return ExpressionWrapper(Now() + LEASE, output_field=DateTimeField())
