"""What failed is trained again: children and trials that ended for a reason that says nothing about their rule.

A candidate of an open round is as if it had not failed: the controller learns from its reward with the rest of the
round. A round that is observed is never observed again for it: its candidate is trained for the leaderboard and for the
confirmation only, and marked `unobserved`.
"""

from typing import NamedTuple

from django.db import transaction
from django.db.models import F, QuerySet

from searchapp.editing.errors import EditNotAllowed
from searchapp.editing.extend import unsettle
from searchapp.lifecycle import advance_on_commit, change_status, send_on_commit, send_trials_on_commit
from searchapp.models import Candidate, CandidateStatus, EventKind, RoundStatus, Search, Trial
from searchapp.models.statuses import SearchStatus
from searchapp.recorder import lock, record

S = SearchStatus
GOES_ON = frozenset({S.RUNNING, S.PAUSED, S.FINISHED})  # searches whose children can be trained (again)
FRESH = {
    "status": CandidateStatus.QUEUED,
    "reason": "",
    "losses": 0,
    "worker_name": "",
    "sent_at": None,
    "started_at": None,
    "finished_at": None,
}


class Retried(NamedTuple):
    candidates: int
    unobserved: int  # of these, how many the controller does not learn from
    trials: int


def failed_candidates(search: Search) -> QuerySet[Candidate]:
    """Those that failed themselves; duplicates of one that failed wait for it again."""
    failed = search.candidates.filter(status=CandidateStatus.FAILED)
    return failed if search.status in GOES_ON else failed.none()


def failed_trials(search: Search) -> QuerySet[Trial]:
    return search.trials.filter(status=CandidateStatus.FAILED)


def may_retry(search: Search) -> bool:
    return failed_candidates(search).exists() or failed_trials(search).exists()


@transaction.atomic
def retry_failed(*, search: Search) -> Retried:
    """Queue what failed again; a finished search with such children runs until they are trained.

    Raises:
        EditNotAllowed: nothing failed, or the search was stopped before.
    """
    locked = lock(search.pk)
    candidates, trials = list(failed_candidates(locked).select_related("round")), list(failed_trials(locked))
    if not candidates and not trials:
        raise EditNotAllowed(f"No child or trial of this {locked.status} search failed that could be trained again.")
    unobserved = [row for row in candidates if row.round.status == RoundStatus.OBSERVED]
    _queue(locked, candidates, unobserved)
    Trial.objects.filter(pk__in=[row.pk for row in trials]).update(**FRESH)
    payload = {"candidates": [row.index for row in candidates], "trials": len(trials)}
    record(locked, EventKind.SEARCH_RETRIED, payload)
    if candidates and locked.status == S.FINISHED:
        change_status(locked, S.RUNNING)
    _send(locked, candidates, trials)
    return Retried(len(candidates), len(unobserved), len(trials))


def _queue(search: Search, candidates: list[Candidate], unobserved: list[Candidate]) -> None:
    if not candidates:
        return
    again = Candidate.objects.filter(pk__in=[row.pk for row in candidates])
    again.update(**FRESH, outcome="")
    again.filter(pk__in=[row.pk for row in unobserved]).update(unobserved=True)
    search.candidates_done = F("candidates_done") - len(candidates)
    search.save(update_fields=["candidates_done"])
    search.refresh_from_db(fields=["candidates_done"])
    unsettle(search)  # the rewards of an open round are about to change


def _send(search: Search, candidates: list[Candidate], trials: list[Trial]) -> None:
    if search.status == S.RUNNING:
        send_on_commit([row.pk for row in candidates if row.duplicate_of_id is None])
        advance_on_commit(search.pk)
    if search.status != S.PAUSED:  # a paused search's wait until it is resumed, which sends them
        send_trials_on_commit([row.pk for row in trials])
