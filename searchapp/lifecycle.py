"""Changes of a search's status, under its row lock: written by people (services) and by the control worker alike."""

from functools import partial

from django.db import transaction
from django.db.models.functions import Now

from searchapp import dispatch
from searchapp.models import Candidate, CandidateStatus, EventKind, Search
from searchapp.models.statuses import OVER, SearchStatus, check_change
from searchapp.recorder import record


def change_status(search: Search, wanted: str, reason: str = "") -> None:
    """Change the status of a locked search and record it. Raises StatusChangeNotAllowed.

    When it is over, candidates that nobody trains yet are cancelled; who trains one learns it at the next heartbeat.
    """
    check_change(search.status, wanted)
    search.status, search.reason = wanted, reason
    fields: dict[str, object] = {"status": wanted, "reason": reason}
    if wanted == SearchStatus.RUNNING and search.started_at is None:
        fields["started_at"] = Now()
    if wanted in OVER:
        fields["finished_at"] = Now()
        cancel_queued(search)
    Search.objects.filter(pk=search.pk).update(**fields)
    record(search, EventKind.SEARCH_STATUS, {"status": str(wanted), "reason": reason})


def cancel_queued(search: Search) -> None:
    """Cancel what waits for a worker, and the duplicates that wait for a first one."""
    Candidate.objects.filter(search=search, status=CandidateStatus.QUEUED).update(
        status=CandidateStatus.CANCELLED, reason=f"The search was {search.status}.", finished_at=Now()
    )


def advance_on_commit(search_id: int) -> None:
    transaction.on_commit(partial(dispatch.advance_search, search_id), robust=True)


def send_on_commit(candidate_ids: list[int]) -> None:
    if candidate_ids:
        transaction.on_commit(partial(dispatch.train_children, candidate_ids), robust=True)
