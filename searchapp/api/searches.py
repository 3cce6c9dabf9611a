"""A person's searches over HTTP: list, create, act, follow."""

from typing import Any, Literal

from django.http import Http404, HttpRequest
from django.urls import reverse
from ninja import Query, Router, Status

from searchapp import selectors, services
from searchapp.access import own_search, person
from searchapp.api.errors import FieldError
from searchapp.api.schemas import CandidateDetail, Errors, LeaderboardEntry, Message, NewSearch, Summary
from searchapp.models import Queue

MOST_OFFSET = 10_000_000  # databases know no offset beyond 63 bits
router = Router(tags=["searches"])
Action = Literal["start", "pause", "resume", "stop"]
NOT_FOUND = {404: Message}


def queue_named(name: str | None) -> Queue | None:
    try:
        return None if name is None else selectors.find_queue(name)
    except selectors.UnknownQueue as error:
        raise FieldError("queue", str(error)) from None


@router.get("/", response=list[Summary])
def list_searches(
    request: HttpRequest, limit: int = Query(50, ge=1, le=500), offset: int = Query(0, ge=0, le=MOST_OFFSET)
) -> Any:
    """Your searches, the newest first: each one's summary."""
    return selectors.summaries(selectors.searches_of(request.user)[offset : offset + limit])


@router.post("/", response={201: Summary, 422: Errors})
def create_search(request: HttpRequest, body: NewSearch) -> Any:
    """Save a search and, unless `start` is false, start it. What is wrong in its configuration is told by field."""
    search = services.create_search(
        owner=person(request), name=body.name, config=body.config, queue=queue_named(body.queue), start=body.start
    )
    return Status(201, selectors.summary(search))


@router.get("/{int:search_id}", response={200: Summary, **NOT_FOUND})
def get_search(request: HttpRequest, search_id: int) -> Any:
    """How far a search is, and its best rule: a few numbers that are cheap to ask for."""
    return selectors.summary(own_search(request, search_id))


@router.get("/{int:search_id}/snapshot")
def get_snapshot(request: HttpRequest, search_id: int) -> Any:
    """Everything that the charts show, in lists: candidates as [index, reward, round, status, complexity, outcome]."""
    # No response schema: thousands of candidates go out as they come from the database.
    return selectors.snapshot(own_search(request, search_id))


@router.get("/{int:search_id}/leaderboard", response={200: list[LeaderboardEntry], **NOT_FOUND})
def get_leaderboard(
    request: HttpRequest,
    search_id: int,
    limit: int = Query(20, ge=1, le=500),
    offset: int = Query(0, ge=0, le=MOST_OFFSET),
) -> Any:
    """The best rules: those confirmed by their mean over fresh seeds first, then the others by their reward."""
    rows = selectors.leaderboard(own_search(request, search_id), limit=limit, offset=offset)
    return [_leaderboard_entry(row) for row in rows]


def _leaderboard_entry(row: selectors.LeaderboardRow) -> dict[str, Any]:
    candidate = row.candidate
    return {
        "rank": row.rank,
        "index": candidate.index,
        "text": candidate.text,
        "latex": row.rule.latex,
        "mathml": row.rule.mathml,
        "reward": candidate.reward,
        "confirmed_mean": candidate.confirmed_mean,
        "confirmed_std": candidate.confirmed_std,
        "confirmed_n": candidate.confirmed_n,
        "complexity": candidate.complexity,
        "learning_rate": candidate.learning_rate,
        "url": reverse("rule", args=[candidate.search_id, candidate.index]),
    }


@router.get("/{int:search_id}/candidates/{int:index}", response={200: CandidateDetail, **NOT_FOUND})
def get_candidate(request: HttpRequest, search_id: int, index: int) -> Any:
    """One candidate: its rule in every form, its reward, and each run of its child with its learning curve."""
    detail = selectors.candidate_detail(own_search(request, search_id), index)
    if detail is None:
        raise Http404("The search has no such candidate.")
    return _candidate(detail)


def _candidate(detail: selectors.CandidateDetail) -> dict[str, Any]:
    row, rule = detail.candidate, detail.rule
    same = ("index", "tokens", "text", "fingerprint", "complexity", "status", "outcome", "reason", "reward")
    more = ("learning_rate", "seconds", "attempt")
    return {
        **{name: getattr(row, name) for name in same + more},
        "round": row.round.number,
        "latex": rule.latex,
        "mathml": rule.mathml,
        "duplicate_of": row.duplicate_of and row.duplicate_of.index,
        "duplicates": detail.duplicates,
        "worker": row.worker_name,
        "runs": detail.runs,
    }


# The last route: its pattern would take the words above.
@router.post("/{int:search_id}/{action}", response={200: Summary, 409: Message, **NOT_FOUND})
def act_on_search(request: HttpRequest, search_id: int, action: Action) -> Any:
    """Start, pause, resume or stop. 409 with a sentence when the search's status does not allow it."""
    return selectors.summary(services.ACTIONS[action](search=own_search(request, search_id)))
