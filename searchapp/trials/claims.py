"""Who trains a trial, and how it ends. Each is one UPDATE that names the attempt, as for candidates."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from engine.children.results import ChildResult
from searchapp.fleet import fair
from searchapp.leases import lease_end
from searchapp.lifecycle import change_status, send_trials_on_commit
from searchapp.models import CandidateStatus, EventKind, Purpose, Search, Trial, Worker
from searchapp.models.statuses import OVER, SearchStatus
from searchapp.recorder import lock, record
from searchapp.results import MOST_LOSSES, finite, finite_json
from searchapp.trials import standing

OPEN = frozenset({SearchStatus.RUNNING, *OVER})  # searches whose trials may be trained; paused ones rest


@dataclass(frozen=True, slots=True)
class TrialClaim:
    """The right to train one trial, as long as `attempt` is the trial's."""

    trial_id: int
    attempt: int


def claim_next(*, trial_id: int, worker_name: str) -> TrialClaim | None:
    """Claim the trial whose turn it is on the worker's queue, as `leases.claim_next` does for candidates."""
    own = Trial.objects.filter(pk=trial_id).values_list("search__queue_id", flat=True).first()
    for _ in range(fair.ATTEMPTS):
        with transaction.atomic():
            queue = fair.open_queue(worker_name, own)
            search_id = queue and fair.whose_turn(queue, waiting())
            if not search_id:
                break
            if claimed := _claim(search_id, worker_name):
                return claimed
    if Trial.objects.filter(pk=trial_id, status=CandidateStatus.TRAINING, lease_until__lt=Now()).exists():
        return claim(trial_id=trial_id, worker_name=worker_name)
    return None


def claim(*, trial_id: int, worker_name: str) -> TrialClaim | None:
    """Claim this trial, which waits or whose lease ran out. None when it cannot be had."""
    row = Trial.objects.filter(pk=trial_id).values_list("search_id", "search__queue_id").first()
    with transaction.atomic():
        if row is None or fair.open_queue(worker_name, row[1]) is None:
            return None
        return _claim(row[0], worker_name, trial_id)


def waiting() -> QuerySet[Trial]:
    """What a worker may claim now, of all queues."""
    return Trial.objects.filter(status=CandidateStatus.QUEUED, search__status__in=OPEN)


def _claim(search_id: int, worker_name: str, trial_id: int | None = None) -> TrialClaim | None:
    search = Search.objects.select_for_update(no_key=True).filter(pk=search_id).first()
    if search is None or search.status not in OPEN:
        return None
    first = trial_id or waiting().filter(search=search).order_by("pk").values_list("pk", flat=True).first()
    if first is None or not _take(first, worker_name):
        return None
    Worker.objects.filter(name=worker_name).update(trial=first)
    return TrialClaim(first, Trial.objects.values_list("attempt", flat=True).get(pk=first))


def _take(trial_id: int, worker_name: str) -> bool:
    free = Q(status=CandidateStatus.QUEUED) | Q(status=CandidateStatus.TRAINING, lease_until__lt=Now())
    taken = Trial.objects.filter(free, pk=trial_id).update(
        status=CandidateStatus.TRAINING,
        attempt=F("attempt") + 1,
        worker_name=worker_name,
        lease_until=lease_end(),
        started_at=Now(),
    )
    return taken == 1


def renew(claim: TrialClaim) -> bool:
    """Renew the lease. False: stop training, the trial was cancelled or is another worker's now."""
    mine = Trial.objects.filter(pk=claim.trial_id, attempt=claim.attempt, status=CandidateStatus.TRAINING)
    return mine.update(lease_until=lease_end()) == 1


@transaction.atomic
def record_result(*, trial_id: int, attempt: int, result: ChildResult) -> bool:
    """Write what training gave, and what it makes of its rule's standing, or nothing at all."""
    changes = {
        "status": CandidateStatus.FINISHED,
        "outcome": result.outcome,
        "reason": result.reason,
        "reward": finite(result.reward) or 0.0,
        "learning_rate": result.learning_rate,
        "seconds": result.seconds,
        "runs": [finite_json(run.to_dict()) for run in result.runs],
        "extra": finite_json(result.extra),
    }
    return _end(trial_id, attempt, changes)


@transaction.atomic
def fail(*, trial_id: int, attempt: int, reason: str) -> bool:
    """End a trial for a reason that says nothing about its rule."""
    return _end(trial_id, attempt, {"status": CandidateStatus.FAILED, "reason": reason})


@transaction.atomic
def give_back(*, trial_id: int, attempt: int, lost: str = "", if_expired: bool = False) -> bool:
    """Let another worker train it; the third loss fails it. With `if_expired`, a lease that was renewed stands."""
    search = _lock_search_of(trial_id)
    held = Trial.objects.select_for_update(no_key=True).filter(pk=trial_id)
    trial = (held.filter(lease_until__lt=Now()) if if_expired else held).first()
    if search is None or trial is None:
        return False
    losses = trial.losses + bool(lost)
    if losses >= MOST_LOSSES:
        return fail(
            trial_id=trial_id, attempt=attempt, reason=f"Given up after {losses} attempts; the last one: {lost}"
        )
    changes = {"status": CandidateStatus.QUEUED, "worker_name": "", "sent_at": None, "losses": losses}
    if not _update(trial_id, attempt, {**changes, "started_at": None}):
        return False
    if search.status in OPEN:
        send_trials_on_commit([trial_id])
    return True


@transaction.atomic
def pause_for(*, trial_id: int, attempt: int, reason: str) -> bool:
    """Pause a running search, for its children lack what its trials lack; in any other the trial fails."""
    search = _lock_search_of(trial_id)
    if search is None:
        return False
    transfer = Trial.objects.filter(pk=trial_id, purpose=Purpose.TRANSFER).exists()  # may need another data set
    if search.is_over or transfer:
        return fail(trial_id=trial_id, attempt=attempt, reason=reason)
    if search.status == SearchStatus.RUNNING:
        change_status(search, SearchStatus.PAUSED, reason)
    return give_back(trial_id=trial_id, attempt=attempt)


def give_back_expired(lost: str) -> int:
    rows = Trial.objects.filter(status=CandidateStatus.TRAINING, lease_until__lt=Now()).order_by("pk")
    pairs = list(rows.values_list("pk", "attempt"))
    return sum(give_back(trial_id=pk, attempt=attempt, lost=lost, if_expired=True) for pk, attempt in pairs)


def give_back_of(worker_name: str, is_loss: bool = True) -> int:
    """What a dead worker of this name held goes back at once."""
    rows = Trial.objects.filter(status=CandidateStatus.TRAINING, worker_name=worker_name).order_by("pk")
    lost = f"worker {worker_name} ended while it trained." if is_loss else ""
    pairs = list(rows.values_list("pk", "attempt"))
    return sum(give_back(trial_id=pk, attempt=attempt, lost=lost) for pk, attempt in pairs)


def _end(trial_id: int, attempt: int, changes: dict[str, Any]) -> bool:
    search = _lock_search_of(trial_id)
    if search is None or not _update(trial_id, attempt, {**changes, "finished_at": Now()}):
        return False
    announce(search, Trial.objects.select_related("candidate").get(pk=trial_id))
    return True


def announce(search: Search, trial: Trial) -> None:
    """Bring a rule's standing up to date with a trial that has just ended; record it. The search's row is locked."""
    payload = {"purpose": trial.purpose, "status": trial.status, "number": trial.number, "reward": trial.reward}
    payload["index"] = trial.candidate and trial.candidate.index
    if trial.purpose == Purpose.CONFIRMATION and trial.candidate is not None:
        payload |= standing.update_candidate(search, trial.candidate)
    elif trial.purpose == Purpose.BASELINE:
        payload |= standing.baseline(search, trial.name)
    record(search, EventKind.TRIAL_FINISHED, payload)


def _update(trial_id: int, attempt: int, changes: dict[str, Any]) -> bool:
    current = Trial.objects.filter(pk=trial_id, attempt=attempt, status=CandidateStatus.TRAINING)
    return current.update(lease_until=None, **changes) == 1


def _lock_search_of(trial_id: int) -> Search | None:
    """The locked search; None when it was deleted meanwhile."""
    search_id = Trial.objects.filter(pk=trial_id).values_list("search_id", flat=True).first()
    try:
        return None if search_id is None else lock(search_id)
    except Search.DoesNotExist:
        return None
