"""The pages: one's own searches only, the same numbers as the API, and every button a plain form."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import plotly
import pytest
from django.contrib.auth.models import User
from django.contrib.staticfiles import finders
from django.test import Client, RequestFactory
from django.urls import reverse
from django.views.defaults import server_error

from searchapp.models import Search
from searchapp.models.statuses import SearchStatus
from searchapp.staticfinders import PlotlyFinder
from tests.searchapp.rows import propose

MakeSearch = Callable[..., Search]


@pytest.fixture
def search(trained_search: Search) -> Search:
    return trained_search


def text_of(response: Any) -> str:
    return response.content.decode()


PAGES = [
    ("search-list", ()),
    ("search-new", ()),
    ("search-live", (1,)),
    ("leaderboard-fragment", (1,)),
    ("rule", (1, 0)),
    ("rule-export", (1, 0)),
]


@pytest.mark.parametrize(("name", "args"), PAGES)
@pytest.mark.django_db
def test_every_page_asks_to_sign_in_and_comes_back_afterwards(client: Client, name: str, args: tuple[int, ...]) -> None:
    url = reverse(name, args=args)
    assert client.get(url).headers["Location"] == f"{reverse('login')}?next={url}"


def test_a_wrong_password_is_told_and_the_name_stays(client: Client, owner: User) -> None:
    page = text_of(client.post(reverse("login"), {"username": "owner", "password": "wrong"}))
    assert 'role="alert"' in page
    assert 'value="owner"' in page


def test_signing_out_ends_at_the_sign_in_page(mine: Client) -> None:
    assert mine.post(reverse("logout")).headers["Location"] == reverse("login")
    assert mine.get(reverse("search-list")).status_code == 302


class TestOtherPeople:
    @pytest.mark.parametrize("name", ["search-live", "leaderboard-fragment", "rule", "rule-export"])
    def test_somebody_elses_search_is_not_there(self, theirs: Client, search: Search, name: str) -> None:
        args = [search.pk, 0] if name.startswith("rule") else [search.pk]
        assert theirs.get(reverse(name, args=args)).status_code == 404

    def test_nor_can_they_stop_it(self, theirs: Client, search: Search) -> None:
        assert theirs.post(reverse("search-action", args=[search.pk, "stop"])).status_code == 404
        search.refresh_from_db()
        assert search.status == SearchStatus.RUNNING

    def test_an_id_that_no_database_could_hold_is_not_there_either(self, mine: Client) -> None:
        assert mine.get(f"/searches/{10**30}/").status_code == 404

    def test_the_list_shows_ones_own_only(self, theirs: Client, search: Search) -> None:
        assert "No searches yet" in text_of(theirs.get(reverse("search-list")))


class TestList:
    def test_a_search_shows_its_best_rule_and_reward(self, mine: Client, search: Search) -> None:
        page = text_of(mine.get(reverse("search-list")))
        assert "75.00\N{NO-BREAK SPACE}%" in page
        assert "<math" in page
        assert reverse("search-live", args=[search.pk]) in page

    def test_filters_and_order_are_in_the_address(self, mine: Client, make_search: MakeSearch) -> None:
        make_search()
        page = text_of(mine.get(reverse("search-list"), {"status": "paused", "sort": "name"}))
        assert "No search fits these filters." in page
        assert 'name="sort" value="name"' in page

    @pytest.mark.parametrize(
        "query", ["?page=abc", "?page=-1", "?page=999", "?sort=nonsense", "?status=xyz", "?dataset=x"]
    )
    def test_an_address_with_nonsense_still_shows_the_list(self, mine: Client, search: Search, query: str) -> None:
        assert mine.get(reverse("search-list") + query).status_code == 200

    def test_the_list_asks_a_fixed_number_of_queries(
        self, mine: Client, make_search: MakeSearch, django_assert_max_num_queries: Any
    ) -> None:
        for _ in range(8):
            propose(make_search(), 1)
        with django_assert_max_num_queries(8):
            mine.get(reverse("search-list"))


class TestErrorPages:
    def test_not_found_looks_like_the_rest(self, mine: Client) -> None:
        response = mine.get("/nowhere/")
        assert response.status_code == 404
        assert "Your searches" in text_of(response)

    def test_the_server_error_page_needs_no_database(self) -> None:
        response = server_error(RequestFactory().get("/"))  # no database mark: a query would fail this test
        assert response.status_code == 500
        assert "Something went wrong here" in response.content.decode()


class TestStaticFiles:
    def test_plotlys_bundle_comes_from_the_installed_package(self) -> None:
        found = finders.find("vendor/plotly.min.js")
        assert found == str(Path(plotly.__file__).parent / "package_data" / "plotly.min.js")
        assert Path(found).stat().st_size > 1_000_000

    def test_and_nothing_else_of_it_does(self) -> None:
        assert finders.find("vendor/../package_data/widgetbundle.js") is None
        assert [path for path, _ in PlotlyFinder().list(None)] == ["plotly.min.js"]
