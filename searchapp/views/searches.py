"""The list of searches."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django_tables2 import RequestConfig

from searchapp import selectors
from searchapp.filters import SearchFilter
from searchapp.tables import SearchTable

ROWS = 25


@require_safe
@login_required
def search_list(request: HttpRequest) -> HttpResponse:
    mine = selectors.searches_of(request.user).select_related("owner")
    narrowed = SearchFilter(request.GET or None, queryset=mine)
    table = SearchTable(narrowed.qs)
    RequestConfig(request, paginate={"per_page": ROWS}).configure(table)
    is_narrowed = any(request.GET.get(name) for name in narrowed.filters)
    is_empty = not is_narrowed and not mine.exists()
    context = {"table": table, "filter": narrowed, "is_narrowed": is_narrowed, "is_empty": is_empty}
    return render(request, "searchapp/search_list.html", context)
