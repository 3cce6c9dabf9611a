"""Whose search it is, for pages and API alike. Somebody else's is as unknown as one that never was."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest

from searchapp import selectors
from searchapp.models import Search


def person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # login_required, or the API's authentication, has seen to it
    return request.user


def own_search(request: HttpRequest, search_id: int) -> Search:
    search = selectors.find_search(request.user, search_id)
    if search is None:
        raise Http404("There is no such search.")
    return search


def own_candidate(request: HttpRequest, search_id: int, index: int) -> tuple[Search, selectors.CandidateDetail]:
    search = own_search(request, search_id)
    detail = selectors.candidate_detail(search, index)
    if detail is None:
        raise Http404("The search has no such rule.")
    return search, detail
