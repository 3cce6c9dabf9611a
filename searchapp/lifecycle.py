"""Changes of a search's status, under its row lock: written by people (services) and by the control worker alike."""

from functools import partial

from django.db import transaction
from django.db.models.functions import Now

from searchapp import dispatch
from searchapp.models import Candidate, CandidateStatus, EventKind, Search, Trial
from searchapp.models.statuses import OVER, WAITING, SearchStatus, check_change
from searchapp.recorder import record
from searchapp.trials import standing


def change_status(search: Search, wanted: str, reason: str = "") -> None:
    """Change the status of a locked search and record it. Raises StatusChangeNotAllowed.

    When it is over, candidates that nobody trains yet are cancelled; who trains one learns it at the next heartbeat.
    """
    check_change(search.status, wanted)
    fields: dict[str, object] = {"status": wanted, "reason": reason}
    if wanted == SearchStatus.RUNNING and search.started_at is None:
        fields["started_at"] = Now()
    if search.is_over:
        fields["finished_at"] = None  # it goes on
    search.status, search.reason = wanted, reason
    if wanted in OVER:
        fields["finished_at"] = Now()
        cancel_queued(search)
    if wanted in (SearchStatus.STOPPED, SearchStatus.FAILED):
        cancel_trials(search)
    Search.objects.filter(pk=search.pk).update(**fields)
    record(search, EventKind.SEARCH_STATUS, {"status": str(wanted), "reason": reason})


def cancel_queued(search: Search) -> None:
    """Cancel what waits for a worker, and the duplicates that wait for a first one."""
    Candidate.objects.filter(search=search, status=CandidateStatus.QUEUED).update(
        status=CandidateStatus.CANCELLED, reason=f"The search was {search.status}.", finished_at=Now()
    )


def cancel_trials(search: Search) -> None:
    """Cancel the trials that wait or are in training: their workers learn it at the next heartbeat."""
    waiting = Trial.objects.filter(search=search, status__in=WAITING)
    candidates = list(Candidate.objects.filter(trials__in=waiting).distinct())
    waiting.update(
        status=CandidateStatus.CANCELLED, lease_until=None, reason=f"The search was {search.status}.", finished_at=Now()
    )
    for candidate in candidates:
        standing.update_candidate(search, candidate)


def advance_on_commit(search_id: int) -> None:
    transaction.on_commit(partial(dispatch.advance_search, search_id), robust=True)


def send_on_commit(candidate_ids: list[int]) -> None:
    if candidate_ids:
        transaction.on_commit(partial(dispatch.train_children, candidate_ids), robust=True)


def send_trials_on_commit(trial_ids: list[int]) -> None:
    if trial_ids:
        transaction.on_commit(partial(dispatch.train_trials, trial_ids), robust=True)
