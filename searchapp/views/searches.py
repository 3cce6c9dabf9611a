"""The list of searches, and some of them side by side."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe
from django_tables2 import RequestConfig

from searchapp import selectors
from searchapp.comparison import MOST_COMPARED, Comparison, compared
from searchapp.cost import with_cost
from searchapp.filters import SearchFilter
from searchapp.models import Search
from searchapp.tables import COMPARE_FORM, SearchTable, spread_of

ROWS = 25


@require_safe
@login_required
def search_list(request: HttpRequest) -> HttpResponse:
    mine = selectors.searches_of(request.user)
    narrowed = SearchFilter(request.GET, queryset=mine)
    table = SearchTable(with_cost(narrowed.qs))
    RequestConfig(request, paginate={"per_page": ROWS}).configure(table)
    context = {
        "table": table,
        "filter": narrowed,
        "is_narrowed": any(request.GET.get(name) for name in narrowed.filters),
        "is_empty": not mine.exists(),
        "archived": mine.filter(archived_at__isnull=False).count(),
        "has_tags": bool(narrowed.filters["tag"].extra["choices"]),
        "compare_form": COMPARE_FORM,
        "most_compared": MOST_COMPARED,
    }
    return render(request, "searchapp/search_list.html", context)


@require_safe
@login_required
def search_compare(request: HttpRequest) -> HttpResponse:
    """`?ids=1,2,3`, or `?ids=1&ids=2` as the list's boxes send it, which becomes the former."""
    given = request.GET.getlist("ids")
    ids = _ids(given)
    if len(given) > 1:
        return redirect(f"{reverse('search-compare')}?ids={','.join(map(str, ids))}")
    shown = compared(request.user, ids[:MOST_COMPARED])
    if shown is None:
        raise Http404("One of these searches does not exist.")
    context = {
        "comparison": shown,
        "too_many": len(ids) > MOST_COMPARED,
        "most_compared": MOST_COMPARED,
        "columns": [_column(search) for search in shown.searches],
        "has_rewards": bool(shown.steps),
        "script_data": _chart(shown),
    }
    return render(request, "searchapp/search_compare.html", context)


def _ids(given: list[str]) -> list[int]:
    """Each once, in their order. What is no number names no search."""
    parts = [part.strip() for text in given for part in text.split(",") if part.strip()]
    if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        raise Http404("One of these searches does not exist.")
    return list(dict.fromkeys(map(int, parts)))


def _column(search: Search) -> dict[str, Any]:
    return {"search": search, "best": search.best_candidate, "spread": spread_of(search)}


def _chart(shown: Comparison) -> list[dict[str, Any]]:
    return [
        {
            "name": search.name,
            "proposed": search.candidates_proposed,
            "steps": shown.steps.get(search.pk, []),
            "rules": reverse("rule", args=[search.pk, 0]).removesuffix("0/"),
        }
        for search in shown.searches
    ]
