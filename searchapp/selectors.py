"""What pages and the API read. Every function asks a fixed number of queries, however large the search is."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, NamedTuple

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Count, DurationField, ExpressionWrapper, F, Q, QuerySet, Sum, TextField, Value
from django.db.models.functions import Cast, Now

from engine.language import Rule
from engine.registry import DATASETS
from searchapp.models import Candidate, CandidateStatus, PrimitiveSet, Queue, Search, SearchEvent, Worker
from searchapp.models.statuses import ALLOWED_CHANGES, SearchStatus
from searchapp.trials import standing
from searchapp.watching.packing import TokenTable, thin_preferences

WORKER_IS_LIVE = timedelta(seconds=15)  # a worker writes `seen_at` every five seconds
PACE_OF = 1000  # newest candidates that tell a search's pace: what runs on every few moments reads no more of them
DEFAULT_ROWS, MOST_ROWS = 20, 500

# --- searches ---


def searches_of(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Search]:
    """The searches that this person may see: their own, newest first. Everything else does not exist for them."""
    if not user.is_authenticated:
        return Search.objects.none()
    mine = Search.objects.filter(owner_id=user.pk)
    return mine.select_related("queue", "best_candidate", "best_confirmed").order_by("-id")


def find_search(user: AbstractBaseUser | AnonymousUser, search_id: int) -> Search | None:
    return searches_of(user).filter(pk=search_id).first()


def primitive_sets_for(user: AbstractBaseUser | AnonymousUser) -> QuerySet[PrimitiveSet]:
    """The built-in sets first, then the person's own."""
    mine = Q(owner=None) | Q(owner_id=user.pk) if user.is_authenticated else Q(owner=None)
    return PrimitiveSet.objects.filter(mine).order_by(F("owner_id").asc(nulls_first=True), "id")


def allowed_actions(search: Search) -> list[str]:
    """Which of start, pause, resume and stop the search allows now."""
    after = ALLOWED_CHANGES[search.status]
    run = {SearchStatus.QUEUED: "start", SearchStatus.PAUSED: "resume"}.get(SearchStatus(search.status))
    pause = "pause" if SearchStatus.PAUSED in after else None
    stop = "stop" if SearchStatus.STOPPED in after else None
    return [action for action in (run, pause, stop) if action]


# --- queues and workers ---


class UnknownQueue(LookupError):
    """Somebody named a queue that is not there; the message lists those that are."""


def find_queue(name: str) -> Queue:
    """The queue of that name. Raises UnknownQueue."""
    found = {queue.name: queue for queue in Queue.objects.all()}
    if name not in found:
        raise UnknownQueue(f"There is no queue “{name}”; there are: {', '.join(found)}.")
    return found[name]


def live_workers(queue: Queue | None = None) -> QuerySet[Worker]:
    """Workers that were seen within the last 15 seconds, by the database's clock."""
    unseen = ExpressionWrapper(Now() - Value(WORKER_IS_LIVE, DurationField()), Worker.seen_at.field)
    workers = Worker.objects.filter(seen_at__gte=unseen)
    return workers if queue is None else workers.filter(queue=queue)


# --- the live page ---


def summary(search: Search) -> dict[str, Any]:
    """The search in a few numbers, as JSON; what the live page shows above its charts."""
    return summaries([search])[0]


def summaries(searches: Iterable[Search]) -> list[dict[str, Any]]:
    """The summaries of these searches, in their order: four queries for any number of searches."""
    searches = list(searches)
    workers = dict(live_workers().values_list("queue_id").annotate(Count("pk")).order_by())
    pace = _pace([search.pk for search in searches if search.status == SearchStatus.RUNNING])
    trials = standing.waiting(search.pk for search in searches)
    return [
        _summary(search, workers.get(search.queue_id, 0), pace.get(search.pk), trials.get(search.pk, 0))
        for search in searches
    ]


def fresh_summary(search_id: int) -> tuple[dict[str, Any], int]:
    """The summary of the search as it is in the database now, and the seq of its last event."""
    search = Search.objects.select_related("best_candidate", "best_confirmed").get(pk=search_id)
    return summary(search), search.events_count


def _summary(search: Search, workers: int, pace: float | None, trials: int) -> dict[str, Any]:
    best, confirmed = search.best_candidate, search.best_confirmed
    return {
        "id": search.pk,
        "name": search.name,
        "status": search.status,
        "reason": search.reason,
        "budget": search.budget,
        "proposed": search.candidates_proposed,
        "done": search.candidates_done,
        "best": best and _best(best),
        "confirmed": confirmed and _confirmed(confirmed),
        "trials_waiting": trials,
        "workers": workers,
        "seconds_left": _seconds_left(search, workers, pace),
        "started_at": search.started_at and search.started_at.isoformat(),
        "finished_at": search.finished_at and search.finished_at.isoformat(),
    }


def _best(candidate: Candidate) -> dict[str, Any]:
    mathml = Rule.parse(candidate.text).mathml
    return {"index": candidate.index, "reward": candidate.reward, "text": candidate.text, "mathml": mathml}


def _confirmed(candidate: Candidate) -> dict[str, Any]:
    """The best confirmed rule; its mean is over fresh seeds, so it is no reward."""
    spread = {"mean": candidate.confirmed_mean, "std": candidate.confirmed_std, "n": candidate.confirmed_n}
    return {"index": candidate.index, "text": candidate.text, "mathml": Rule.parse(candidate.text).mathml, **spread}


def _pace(running: list[int]) -> dict[int, float]:
    """Search -> seconds of training for each candidate done, duplicates included, which cost nothing."""
    newest = Candidate.objects.filter(search_id__in=running, index__gte=F("search__candidates_proposed") - PACE_OF)
    done = newest.filter(status=CandidateStatus.FINISHED)
    rows = done.values_list("search_id").annotate(Sum("seconds"), Count("pk")).order_by()
    return {search_id: seconds / count for search_id, seconds, count in rows if seconds}


def _seconds_left(search: Search, workers: int, pace: float | None) -> float | None:
    """None unless it runs, somebody works and something was trained."""
    if search.status != SearchStatus.RUNNING or not workers or pace is None:
        return None
    return round((search.budget - search.candidates_done) * pace / workers, 1)


SNAPSHOT_FIELDS = ("index", "reward", "round__number", "status", "complexity", "outcome", "learning_rate")


def snapshot(search: Search) -> dict[str, Any]:
    """Everything the charts need, in lists. `last_seq` is read first: later events may be in it, none is missing.

    The last entry of a candidate's list is its tokens as places in `tokens`, by kind of slot in `kinds`.
    """
    last_seq, head = search.events_count, summary(search)
    rounds = search.rounds.order_by("number").values("number", "metrics")
    # Tokens as text: to read 100,000 lists through the model's field takes longer than all the rest.
    candidates = search.candidates.order_by("index").values_list(*SNAPSHOT_FIELDS, Cast("tokens", TextField()))
    table = TokenTable(search.config)
    return {
        "summary": head,
        "last_seq": last_seq,
        "tokens": table.tokens,
        "kinds": table.kinds,
        "candidates": [[*row, table.pack_text(tokens)] for *row, tokens in candidates],
        "baselines": standing.baselines(search),
        "confirmed": [
            list(row)
            for row in standing.confirmed(search).values_list("index", "confirmed_mean", "confirmed_std", "confirmed_n")
        ],
        "rounds": thin_preferences(dict(row) for row in rounds),
    }


def events_after(search_id: int, seq: int, limit: int) -> list[dict[str, Any]]:
    """The next events after `seq`, in order, as the live page gets them."""
    rows = SearchEvent.objects.filter(search_id=search_id, seq__gt=seq).order_by("seq")[:limit]
    return [
        {"seq": row.seq, "kind": row.kind, "payload": row.payload, "at": row.created_at.isoformat()} for row in rows
    ]


# --- rules ---


class LeaderboardRow(NamedTuple):
    rank: int
    candidate: Candidate
    rule: Rule


def leaderboard(search: Search, *, limit: int = DEFAULT_ROWS, offset: int = 0) -> list[LeaderboardRow]:
    """The rows `offset` to `offset + limit` (at most 500) of the ranking, with their rules to print.

    Confirmed rules come first, by their mean over fresh seeds; the others follow by the reward that chose them.
    """
    limit, offset = max(0, min(limit, MOST_ROWS)), max(0, offset)
    first = list(standing.confirmed(search))
    rest = standing.ranked(search).filter(confirmed_n=0)
    shown = first[offset : offset + limit]
    start = max(0, offset - len(first))
    shown += rest[start : start + limit - len(shown)]
    return [LeaderboardRow(offset + k, row, Rule.parse(row.text)) for k, row in enumerate(shown, 1)]


def judged_examples(search: Search) -> int:
    """How many validation examples each child of this search is judged on."""
    child = search.config["child"]
    return int(child["protocol"]["validation_examples"] or DATASETS[child["dataset"]].facts["validation"])


class CandidateDetail(NamedTuple):
    candidate: Candidate
    rule: Rule
    trained: Candidate  # the candidate whose runs count: the first one, when this is a duplicate
    runs: list[dict[str, Any]]
    duplicates: list[int]  # the indexes of later candidates with the same rule


def candidate_detail(search: Search, index: int) -> CandidateDetail | None:
    """One candidate with the runs and curves of its child; None when the search has no such candidate."""
    candidate = search.candidates.select_related("round", "duplicate_of").filter(index=index).first()
    if candidate is None:
        return None
    trained = candidate.duplicate_of or candidate
    runs = trained.runs.order_by("position").values(
        "position", "stage", "learning_rate", "outcome", "reason", "curve", "seconds"
    )
    duplicates = trained.duplicates.order_by("index").values_list("index", flat=True)
    return CandidateDetail(
        candidate, Rule.parse(candidate.text), trained, [dict(run) for run in runs], list(duplicates)
    )
