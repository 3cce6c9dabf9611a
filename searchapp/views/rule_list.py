"""All rules of a search: a page of the list, and the whole list as CSV and JSON."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth.decorators import login_required
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from searchapp.access import own_search
from searchapp.models import Search
from searchapp.rules import export, listing
from searchapp.rules.filters import EVERY, RuleFilter
from searchapp.rules.orders import DEFAULT, NAMES, Rows

LENGTH = 50  # rows of a page, unless the address says otherwise
MOST_PAGE = 10_000_000
_FALLING = {"reward", "confirmed", "times"}  # orders that begin with the most


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head: what sorts by it, and how it is sorted now."""

    title: str
    help: str = ""
    is_number: bool = False
    order: str = ""  # empty: not sortable
    sorted: str = ""  # ascending, descending
    query: str = ""  # of the address that sorts by it


_HEADS = (
    Head("Rank", "Place on the leaderboard: the confirmed by mean, then the others by reward", True, "rank"),
    Head("Rule Δ"),
    Head("Reward", "The search’s own measure; it chose the rule, so it flatters it", True, "reward"),
    Head("Confirmed", "Mean over fresh seeds ± standard deviation (trainings)", True, "confirmed"),
    Head("Size", "Complexity: nodes of the rule’s shortest form", True, "size"),
    Head("Times", "How often it was proposed: once and its duplicates", True, "times"),
    Head("First seen", "Round, and when it was first sent to a worker", False, "first"),
    Head("λ", "Learning rate that the sweep chose", True, "rate"),
    Head("Outcome", "", False, "outcome"),
    Head("Copy"),
)


@require_safe
@login_required
def rule_list(request: HttpRequest, search_id: int) -> HttpResponse:
    search = own_search(request, search_id)
    narrowed, order = RuleFilter(request.GET, search=search), _order(request.GET)
    length = _number(request.GET.get("rows"), LENGTH)
    found = listing.page(
        search,
        narrowed.rows,
        order=order,
        number=_number(request.GET.get("page"), 1),
        length=length if length in listing.ROWS else LENGTH,
        is_whole=not narrowed.is_narrowed or _only_every(request.GET),
    )
    context = {
        "search": search,
        "filter": narrowed,
        "page": found,
        "heads": [_head(head, order, request.GET) for head in _HEADS],
        "hidden": [(name, request.GET[name]) for name in ("sort", "rows") if request.GET.get(name)],
        "lengths": listing.ROWS,
        "length": length if length in listing.ROWS else LENGTH,
        "query": _query(request.GET),
        "pages": {name: _query(request.GET, page=number) for name, number in _steps(found).items()},
        "lengths_query": [(one, _query(request.GET, rows=one)) for one in listing.ROWS],
    }
    return render(request, "searchapp/rule_list.html", context)


@require_safe
@login_required
def rules_csv(request: HttpRequest, search_id: int) -> StreamingHttpResponse:
    return _export(request, search_id, export.csv_pieces, "csv", "text/csv; charset=utf-8")


@require_safe
@login_required
def rules_json(request: HttpRequest, search_id: int) -> StreamingHttpResponse:
    return _export(request, search_id, export.json_pieces, "json", "application/json")


Pieces = Callable[[Search, Rows, str], Iterator[str]]


def _export(request: HttpRequest, search_id: int, pieces: Pieces, suffix: str, kind: str) -> StreamingHttpResponse:
    """All pages of the view that the address describes."""
    search = own_search(request, search_id)
    rows = RuleFilter(request.GET, search=search).rows
    made = pieces(search, rows, _order(request.GET))
    response = StreamingHttpResponse(_async(made) if isinstance(request, ASGIRequest) else made, content_type=kind)
    name = f"{slugify(search.name) or 'search'}-{search.pk}-rules.{suffix}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


async def _async(pieces: Iterator[str]) -> AsyncIterator[str]:
    """The pieces for an asynchronous server, which would otherwise gather them all before it sends the first."""
    following = sync_to_async(lambda: next(pieces, None))
    while (piece := await following()) is not None:
        yield piece


def _order(asked: QueryDict) -> str:
    order = asked.get("sort", DEFAULT)
    return order if order.removeprefix("-") in NAMES else DEFAULT


def _number(text: str | None, otherwise: int) -> int:
    """A whole number of the address; what is none counts as not given."""
    return min(int(text), MOST_PAGE) if text and text.isascii() and text.isdecimal() and len(text) < 20 else otherwise


def _only_every(asked: QueryDict) -> bool:
    """The only filter is that duplicates are shown too, which leave every rank as it is."""
    others = [name for name in RuleFilter.base_filters if name != "outcome" and asked.get(name)]
    return asked.get("outcome") == EVERY and not others


def _query(asked: QueryDict, **changes: Any) -> str:
    """The address's query with these changes; another order or length begins with its first page again."""
    query = asked.copy()
    query.pop("page", None)
    for name, value in changes.items():
        query[name] = str(value)
    return query.urlencode()


def _head(head: Head, order: str, asked: QueryDict) -> Head:
    if not head.order:
        return head
    falls = (head.order in _FALLING) != order.startswith("-")
    is_sorted = order.removeprefix("-") == head.order
    turned = f"-{head.order}" if order == head.order else head.order
    now = ("descending" if falls else "ascending") if is_sorted else ""
    return Head(head.title, head.help, head.is_number, head.order, now, _query(asked, sort=turned))


def _steps(page: listing.Page) -> dict[str, int]:
    """Where the pager leads from here."""
    back = {"first": 1, "previous": page.number - 1} if page.number > 1 else {}
    return {**back, **({"next": page.number + 1, "last": page.pages} if page.number < page.pages else {})}
