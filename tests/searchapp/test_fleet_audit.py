"""Who started, paused, stopped and deleted what is written down once, and nothing that was not done."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from searchapp import services
from searchapp.models import AuditEntry, Search
from searchapp.models.statuses import StatusChangeNotAllowed

pytestmark = pytest.mark.django_db


def written() -> list[tuple[str, str, str]]:
    return list(AuditEntry.objects.order_by("id").values_list("who", "action", "target"))


def test_a_searchs_life_is_written_down(make_search: Callable[..., Search], mine: Client) -> None:
    search = make_search(start=False)
    assert written() == []
    name = f"small (search {search.pk})"
    for action in ("start", "pause", "resume"):
        assert mine.post(f"/api/searches/{search.pk}/{action}").status_code == 200
    mine.post(f"/searches/{search.pk}/stop/")
    mine.post(f"/searches/{search.pk}/delete/")
    acts = ("started", "paused", "resumed", "stopped", "deleted")
    assert written() == [("owner", f"search.{act}", name) for act in acts]


def test_what_was_not_allowed_is_not_written(make_search: Callable[..., Search], theirs: Client) -> None:
    search = make_search()
    with pytest.raises(StatusChangeNotAllowed):
        services.start_search(search=search)
    theirs.post(f"/searches/{search.pk}/stop/")
    assert [action for _, action, _ in written()] == ["search.started"]


def test_an_entry_outlives_the_person(make_search: Callable[..., Search], owner: User) -> None:
    make_search()
    owner.delete()
    entry = AuditEntry.objects.get()
    assert (entry.user, entry.who, entry.action) == (None, "owner", "search.started")
