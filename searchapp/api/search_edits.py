"""A search that is there, changed over HTTP: labels, clones, budgets, what failed, the end of it; and comparisons."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema, Status
from ninja.errors import HttpError
from pydantic import ConfigDict, Field

from searchapp import selectors
from searchapp.access import own_search, person
from searchapp.api import searches
from searchapp.api.errors import FieldError
from searchapp.api.schemas import Errors, Message, Summary
from searchapp.comparison import MOST_COMPARED, compared
from searchapp.editing.clone import clone_search
from searchapp.editing.delete import delete_search
from searchapp.editing.errors import BadEdit, EditNotAllowed
from searchapp.editing.extend import extend_search
from searchapp.editing.labels import label_search
from searchapp.editing.retry import retry_failed
from searchapp.models import Search

router = Router(tags=["searches"])
ANSWERS: dict[int, Any] = {404: Message, 409: Message, 422: Errors}


class _Input(Schema):
    model_config = ConfigDict(extra="forbid")


class LabelsIn(_Input):
    """What is left out stays as it is."""

    name: str | None = None
    notes: str | None = None
    tags: list[str] | None = None
    archived: bool | None = None


class Labels(Schema):
    id: int
    name: str
    notes: str
    tags: list[str]
    archived: bool
    parent: int | None


class CloneIn(_Input):
    """`changes` are parts of a configuration that are laid over the search's own."""

    name: str | None = Field(None, max_length=100)
    changes: dict[str, Any] = {}
    start: bool = False


class ExtendIn(_Input):
    budget: int = Field(description="Candidates in all, more than the search has now.")


class RetriedOut(Schema):
    """`unobserved`: candidates whose round the controller has observed already; their rewards only rank them."""

    candidates: int
    unobserved: int
    trials: int
    summary: Summary


class Compared(Schema):
    id: int
    name: str
    status: str
    done: int
    budget: int
    best_reward: float | None
    confirmed_mean: float | None
    confirmed_std: float | None
    confirmed_n: int
    children_seconds: float
    trials_seconds: float
    best_so_far: list[tuple[int, float]]


class ComparedSetting(Schema):
    path: str
    values: list[str]
    differs: bool


class ComparisonOut(Schema):
    searches: list[Compared]
    settings: list[ComparedSetting]


@contextmanager
def told() -> Iterator[None]:
    """What is refused becomes an answer: 422 with the field, or 409 with a sentence."""
    try:
        yield
    except BadEdit as error:
        raise FieldError(error.field, str(error)) from None
    except EditNotAllowed as error:
        raise HttpError(409, str(error)) from None


@router.get("/compare", response={200: ComparisonOut, 404: Message, 422: Errors})
def compare(request: HttpRequest, ids: str = Query(description="Ids of one to eight searches: 1,2,3")) -> Any:
    """Searches side by side: results, cost in seconds of training, best reward so far, and every setting."""
    parts = [part.strip() for part in ids.split(",")]
    if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        raise FieldError("ids", "Give the searches’ ids, separated by commas.")
    numbers = list(dict.fromkeys(map(int, parts)))
    if len(numbers) > MOST_COMPARED:
        raise FieldError("ids", f"At most {MOST_COMPARED} searches are compared.")
    found = compared(request.user, numbers)
    if found is None:
        raise Http404("One of these searches does not exist.")
    return {
        "searches": [_compared(search, found.steps.get(search.pk, [])) for search in found.searches],
        "settings": [{"path": row.path, "values": row.values, "differs": row.differs} for row in found.settings],
    }


def _compared(search: Search, steps: list[tuple[int, float]]) -> dict[str, Any]:
    best, confirmed = search.best_candidate, search.best_confirmed
    same = ("name", "status", "budget", "children_seconds", "trials_seconds")
    return {
        **{name: getattr(search, name) for name in same},
        "id": search.pk,
        "done": search.candidates_done,
        "best_reward": best and best.reward,
        "confirmed_mean": confirmed and confirmed.confirmed_mean,
        "confirmed_std": confirmed and confirmed.confirmed_std,
        "confirmed_n": confirmed.confirmed_n if confirmed else 0,
        "best_so_far": steps,
    }


@searches.router.patch("/{int:search_id}", response={200: Labels, **ANSWERS})
def patch_search(request: HttpRequest, search_id: int, body: LabelsIn) -> Any:
    """Change name, notes (Markdown), tags, or whether the list of searches hides it. Nothing else can be changed."""
    with told():
        return _labels(label_search(search=own_search(request, search_id), **body.dict()))


@router.get("/{int:search_id}/labels", response={200: Labels, 404: Message})
def get_labels(request: HttpRequest, search_id: int) -> Any:
    """Name, notes, tags, whether it is archived, and the search that it was cloned from."""
    return _labels(own_search(request, search_id))


def _labels(search: Search) -> dict[str, Any]:
    same = {name: getattr(search, name) for name in ("name", "notes", "tags")}
    return {**same, "id": search.pk, "archived": search.archived_at is not None, "parent": search.parent_id}


@searches.router.delete("/{int:search_id}", response={204: None, 404: Message, 409: Message})
def remove_search(request: HttpRequest, search_id: int) -> Any:
    """Delete a search with everything that belongs to it, for good. 409 while it runs."""
    with told():
        delete_search(search=own_search(request, search_id))
    return Status(204, None)


@router.get("/{int:search_id}/settings", response={200: dict[str, Any], 404: Message})
def get_settings(request: HttpRequest, search_id: int) -> Any:
    """The search's configuration, as POST /api/searches/ and `manage.py search run --config` take it."""
    return own_search(request, search_id).config


@router.post("/{int:search_id}/clone", response={201: Summary, **ANSWERS})
def clone(request: HttpRequest, search_id: int, body: CloneIn) -> Any:
    """A new search with the settings of this one, its seed included, and `changes`. It is started on request."""
    search = own_search(request, search_id)
    made = clone_search(search=search, owner=person(request), **body.dict())
    return Status(201, selectors.summary(made))


@router.post("/{int:search_id}/extend", response={200: Summary, **ANSWERS})
def extend(request: HttpRequest, search_id: int, body: ExtendIn) -> Any:
    """Give a search that is not stopped a larger budget: as if it had had it from the beginning. 409 otherwise."""
    with told():
        return selectors.summary(extend_search(search=own_search(request, search_id), budget=body.budget))


@router.post("/{int:search_id}/retry", response={200: RetriedOut, **ANSWERS})
def retry(request: HttpRequest, search_id: int) -> Any:
    """Train the children and trials again that failed for reasons that say nothing about their rules."""
    search = own_search(request, search_id)
    with told():
        retried = retry_failed(search=search)
    return {**retried._asdict(), "summary": selectors.fresh_summary(search.pk)[0]}
