"""How a candidate ends: recorded, failed, cancelled or given back. Each is one UPDATE that names the attempt.

What no longer matches (another worker claimed the candidate since, or it has ended) is thrown away, so that every
candidate counts exactly once, however often messages and workers come back.
"""

import math
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from engine.children.results import ChildResult, RunRecord
from engine.language import Rule
from searchapp.lifecycle import advance_on_commit, change_status, send_on_commit
from searchapp.models import Candidate, CandidateStatus, ChildRun, EventKind, Search
from searchapp.models.statuses import Outcome, SearchStatus
from searchapp.progress import resolvable
from searchapp.recorder import lock, record

MOST_LOSSES = 3  # a candidate whose worker is lost so often fails


@transaction.atomic
def record_result(*, candidate_id: int, attempt: int, result: ChildResult) -> bool:
    """Write what training gave: the candidate, its runs, the counters and the event, or nothing at all."""
    search = _lock_search_of(candidate_id)
    reward = finite(result.reward)
    changes = {
        "status": CandidateStatus.FINISHED,
        "outcome": result.outcome,
        "reason": result.reason,
        "reward": 0.0 if reward is None else reward,  # a diverged child has learned nothing
        "learning_rate": result.learning_rate,
        "seconds": result.seconds,
    }
    if search is None or not _end(candidate_id, attempt, changes):
        return False
    ChildRun.objects.bulk_create(_child_runs(candidate_id, attempt, result.runs))
    count_done(search, Candidate.objects.select_related("round").get(pk=candidate_id))
    advance_on_commit(search.pk)
    return True


@transaction.atomic
def fail(*, candidate_id: int, attempt: int, reason: str) -> bool:
    """End a candidate for a reason that says nothing about its rule: it counts, without a reward."""
    search = _lock_search_of(candidate_id)
    if search is None or not _end(candidate_id, attempt, {"status": CandidateStatus.FAILED, "reason": reason}):
        return False
    count_done(search, Candidate.objects.select_related("round").get(pk=candidate_id))
    advance_on_commit(search.pk)
    return True


@transaction.atomic
def give_back(*, candidate_id: int, attempt: int, lost: str = "", if_expired: bool = False) -> bool:
    """Let another worker train it. `lost` says how its worker was lost; the third loss fails the candidate.

    In a search that is over it is cancelled instead; in a paused one it waits. With `if_expired`, a lease that was
    renewed meanwhile stands.
    """
    search = _lock_search_of(candidate_id)
    if search is None or (if_expired and not _lock_expired(candidate_id)):
        return False
    if search.is_over:
        reason = f"The search was {search.status}."
        return _end(candidate_id, attempt, {"status": CandidateStatus.CANCELLED, "reason": reason})
    losses = Candidate.objects.filter(pk=candidate_id).values_list("losses", flat=True).get() + bool(lost)
    if losses >= MOST_LOSSES:
        reason = f"Given up after {losses} attempts; the last one: {lost}"
        return fail(candidate_id=candidate_id, attempt=attempt, reason=reason)
    changes = {"status": CandidateStatus.QUEUED, "worker_name": "", "sent_at": None, "losses": losses}
    if not _update(candidate_id, attempt, {**changes, "started_at": None}):
        return False
    if search.status == SearchStatus.RUNNING:
        send_on_commit([candidate_id])
    return True


@transaction.atomic
def pause_for(*, candidate_id: int, attempt: int, reason: str) -> bool:
    """Give a candidate back and pause its search: what its worker lacks, every other child would miss as well."""
    search = _lock_search_of(candidate_id)
    if search is None:
        return False
    if search.status == SearchStatus.RUNNING:
        change_status(search, SearchStatus.PAUSED, reason)
    return give_back(candidate_id=candidate_id, attempt=attempt)


@transaction.atomic
def resolve_duplicates(search_id: int) -> int:
    """Give duplicates whose first one is done its reward; returns how many there were."""
    search = lock(search_id)
    duplicates = list(resolvable(search).select_related("duplicate_of", "round"))
    if search.status != SearchStatus.RUNNING:
        return 0
    for duplicate in duplicates:
        _resolve(search, duplicate)
    return len(duplicates)


def _resolve(search: Search, duplicate: Candidate) -> None:
    first = duplicate.duplicate_of
    assert first is not None
    duplicate.status, duplicate.reward = first.status, first.reward
    duplicate.learning_rate = first.learning_rate
    duplicate.finished_at = timezone.now()
    if first.status == CandidateStatus.FINISHED:
        duplicate.outcome = Outcome.DUPLICATE
        duplicate.reason = f"The same rule as candidate {first.index}, whose reward it has."
    else:
        duplicate.reason = f"The same rule as candidate {first.index}, which failed: {first.reason}"
    duplicate.save(update_fields=["status", "reward", "learning_rate", "finished_at", "outcome", "reason"])
    count_done(search, duplicate)


def count_done(search: Search, candidate: Candidate) -> None:
    """Count a candidate that has just ended in its locked search, keep the best, and record the event."""
    search.candidates_done = F("candidates_done") + 1
    best = _is_best(search, candidate)
    if best:
        search.best_candidate = candidate
    search.save(update_fields=["candidates_done", "best_candidate"])
    search.refresh_from_db(fields=["candidates_done"])
    record(search, EventKind.CANDIDATE_FINISHED, _finished_payload(candidate, best))


def _is_best(search: Search, candidate: Candidate) -> bool:
    """By reward, then the simpler, then the earlier: the same one whichever worker was first. Only what was trained."""
    if candidate.reward is None or candidate.duplicate_of_id or candidate.outcome == Outcome.SCREENED:
        return False
    best = search.best_candidate
    return best is None or best.reward is None or _rank(candidate) < _rank(best)


def _rank(candidate: Candidate) -> tuple[float, int, int]:
    return -(candidate.reward or 0.0), candidate.complexity, candidate.index


def _finished_payload(candidate: Candidate, best: bool) -> dict[str, Any]:
    return {
        "index": candidate.index,
        "round": candidate.round.number,
        "status": candidate.status,
        "outcome": candidate.outcome,
        "reward": candidate.reward,
        "complexity": candidate.complexity,
        "text": candidate.text,
        "mathml": Rule.parse(candidate.text).mathml,
        "learning_rate": candidate.learning_rate,
        "seconds": candidate.seconds,
        "best": best,
    }


def _lock_search_of(candidate_id: int) -> Search | None:
    """The locked search; None when it was deleted meanwhile."""
    search_id = Candidate.objects.filter(pk=candidate_id).values_list("search_id", flat=True).first()
    try:
        return None if search_id is None else lock(search_id)
    except Search.DoesNotExist:
        return None


def _lock_expired(candidate_id: int) -> bool:
    """Lock the candidate's row, so that its lease cannot be renewed any more, if the lease has run out."""
    return bool(Candidate.objects.select_for_update(no_key=True).filter(pk=candidate_id, lease_until__lt=Now()))


def _end(candidate_id: int, attempt: int, changes: dict[str, Any]) -> bool:
    return _update(candidate_id, attempt, {**changes, "finished_at": Now()})


def _update(candidate_id: int, attempt: int, changes: dict[str, Any]) -> bool:
    """The one UPDATE: only while this attempt is the one that trains."""
    current = Candidate.objects.filter(pk=candidate_id, attempt=attempt, status=CandidateStatus.TRAINING)
    return current.update(lease_until=None, **changes) == 1


def _child_runs(candidate_id: int, attempt: int, runs: tuple[RunRecord, ...]) -> list[ChildRun]:
    return [
        ChildRun(
            candidate_id=candidate_id,
            attempt=attempt,
            position=position,
            stage=run.stage,
            learning_rate=run.learning_rate,
            outcome=run.outcome,
            reason=run.reason,
            curve=[{name: finite(value) for name, value in asdict(point).items()} for point in run.curve],
            seconds=run.seconds,
        )
        for position, run in enumerate(runs)
    ]


def finite_json(values: Any) -> Any:
    """The same with None in place of every number that is not finite, however deep it lies."""
    if isinstance(values, dict):
        return {name: finite_json(value) for name, value in values.items()}
    if isinstance(values, list | tuple):
        return [finite_json(value) for value in values]
    return finite(values) if isinstance(values, float) else values


def finite(value: float | None) -> float | None:
    """JSON columns and browsers know no NaN and no infinity: a loss that is none has no value."""
    return value if value is not None and math.isfinite(value) else None
