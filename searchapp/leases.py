"""Claims: which worker trains a candidate, and until when. All times are the database's, not the workers'."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Now

from searchapp.fleet import fair
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


def claim_next(*, candidate_id: int, worker_name: str) -> Claim | None:
    """Claim the candidate whose turn it is on the worker's queue; the message only says that something waits.

    None when there is nothing to train: that is no error. A candidate whose lease ran out is claimed by its message.
    """
    own = Candidate.objects.filter(pk=candidate_id).values_list("search__queue_id", flat=True).first()
    for _ in range(fair.ATTEMPTS):
        with transaction.atomic():
            queue = fair.open_queue(worker_name, own)
            search_id = queue and fair.whose_turn(queue, waiting())
            if not search_id:
                break
            if claimed := _claim(search_id, worker_name):
                return claimed
    if expired().filter(pk=candidate_id).exists():
        return claim(candidate_id=candidate_id, worker_name=worker_name)
    return None


def claim(*, candidate_id: int, worker_name: str) -> Claim | None:
    """Claim this candidate, which waits or whose lease ran out. None when it cannot be had: that is no error."""
    row = Candidate.objects.filter(pk=candidate_id).values_list("search_id", "search__queue_id").first()
    with transaction.atomic():
        if row is None or fair.open_queue(worker_name, row[1]) is None:
            return None
        return _claim(row[0], worker_name, candidate_id)


def waiting() -> QuerySet[Candidate]:
    """What a worker may claim now, of all queues."""
    # Coalesce keeps SQLite from its index on duplicate_of, which nearly all rows share: 50 ms of 100,000 candidates.
    firsts = Candidate.objects.alias(first=Coalesce("duplicate_of_id", 0)).filter(first=0)
    return firsts.filter(status=CandidateStatus.QUEUED, search__status=SearchStatus.RUNNING)


def _claim(search_id: int, worker_name: str, candidate_id: int | None = None) -> Claim | None:
    """Claim that candidate, or the one of the search that waits longest, under the lock of the search's row."""
    search = Search.objects.select_for_update(no_key=True).filter(pk=search_id).first()
    if search is None or search.status != SearchStatus.RUNNING:
        return None
    first = candidate_id or waiting().filter(search=search).order_by("pk").values_list("pk", flat=True).first()
    if first is None or not _take(first, worker_name):
        return None
    candidate = Candidate.objects.get(pk=first)
    Worker.objects.filter(name=worker_name).update(candidate=candidate)
    record(search, EventKind.CANDIDATE_STARTED, {"index": candidate.index, "worker": worker_name})
    return Claim(candidate.pk, search.pk, candidate.attempt)


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


def give_back_of(worker_name: str, is_loss: bool = True) -> int:
    """A worker that starts holds nothing: what a dead one of its name held goes back at once."""
    held = Candidate.objects.filter(status=CandidateStatus.TRAINING, worker_name=worker_name).order_by("pk")
    lost = f"worker {worker_name} ended while it trained." if is_loss else ""
    rows = list(held.values_list("pk", "attempt"))
    return sum(give_back(candidate_id=pk, attempt=attempt, lost=lost) for pk, attempt in rows)


def lease_end() -> Combinable:
    """When a lease that is taken now runs out."""
    return ExpressionWrapper(Now() + LEASE, output_field=DateTimeField())
