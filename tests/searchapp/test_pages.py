"""The pages: one's own searches only, the same numbers as the API, and every button a plain form."""

import re
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

from searchapp import results
from searchapp.leases import claim
from searchapp.models import Candidate, Search
from searchapp.models.statuses import SearchStatus
from searchapp.staticfinders import PlotlyFinder
from searchapp.views import sentences
from tests.searchapp.conftest import result_of
from tests.searchapp.rows import propose

MakeSearch = Callable[..., Search]


@pytest.fixture
def mine(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


@pytest.fixture
def theirs(stranger: User) -> Client:
    client = Client()
    client.force_login(stranger)
    return client


@pytest.fixture
def search(make_search: MakeSearch) -> Search:
    """Three candidates, the first two trained, with rewards of 50 % and 75 %."""
    search = make_search()
    for candidate, reward in zip(propose(search, 3)[:2], (0.5, 0.75), strict=True):
        taken = claim(candidate_id=candidate.pk, worker_name="worker-1")
        assert taken is not None
        results.record_result(
            candidate_id=candidate.pk, attempt=taken.attempt, result=result_of(candidate.text, reward)
        )
    search.refresh_from_db()
    return search


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


class TestLivePage:
    def test_it_says_everything_without_a_script_too(self, mine: Client, search: Search) -> None:
        page = text_of(mine.get(reverse("search-live", args=[search.pk])))
        assert f"<title>2/{search.budget} · small</title>" in page
        assert "No worker is running" in page
        assert "75.00\N{NO-BREAK SPACE}%" in page

    def test_no_page_has_an_inline_script_or_style(self, mine: Client, search: Search) -> None:
        for name, args in PAGES[:5]:
            page = text_of(mine.get(reverse(name, args=[search.pk, 0][: len(args)])))
            scripts = re.findall(r"<script(?![^>]*\ssrc=)(?![^>]*application/json)[^>]*>", page)
            assert (scripts, "<style" in page, " style=" in page, " onclick=" in page) == ([], False, False, False)

    def test_the_leaderboard_fragment_ranks_by_reward(self, mine: Client, search: Search) -> None:
        fragment = text_of(mine.get(reverse("leaderboard-fragment", args=[search.pk])))
        assert re.findall(r'data-key="rule-(\d+)"', fragment) == ["1", "0"]
        assert "<html" not in fragment

    def test_each_new_best_is_in_the_log_the_newest_first(self, mine: Client, search: Search) -> None:
        fragment = text_of(mine.get(reverse("leaderboard-fragment", args=[search.pk])))
        assert re.findall(r'data-key="best-(\d+)"', fragment) == ["1", "0"]

    @pytest.mark.parametrize("rows", ["100", "0", "abc", "99999999"])
    def test_a_number_of_rows_that_is_not_offered_shows_twenty(self, mine: Client, search: Search, rows: str) -> None:
        page = text_of(mine.get(reverse("search-live", args=[search.pk]), {"rows": rows}))
        assert f"<strong>top {rows if rows == '100' else 20}</strong>" in page

    def test_a_failed_search_says_why(self, mine: Client, search: Search) -> None:
        Search.objects.filter(pk=search.pk).update(status="failed", reason="The data set <is> damaged.")
        page = text_of(mine.get(reverse("search-live", args=[search.pk])))
        assert "Failed: The data set &lt;is&gt; damaged." in page

    def test_every_status_has_a_sentence(self) -> None:
        for status in SearchStatus.values:
            told = sentences.note({"status": status, "workers": 1, "done": 1, "reason": ""})
            assert told["text"].endswith(".")

    def test_a_name_with_markup_is_shown_as_text(self, mine: Client, search: Search) -> None:
        Search.objects.filter(pk=search.pk).update(name="</script><script>alert(1)</script>")
        for name in ("search-live", "search-list"):
            page = text_of(mine.get(reverse(name, args=[search.pk] if name == "search-live" else [])))
            assert "<script>alert" not in page


class TestActions:
    def test_a_button_changes_the_status_and_says_so(self, mine: Client, search: Search) -> None:
        page = mine.post(reverse("search-action", args=[search.pk, "pause"]), follow=True)
        search.refresh_from_db()
        assert search.status == SearchStatus.PAUSED
        assert "“small” was paused." in text_of(page)

    def test_a_change_that_is_not_allowed_is_explained(self, mine: Client, search: Search) -> None:
        page = mine.post(reverse("search-action", args=[search.pk, "resume"]), follow=True)
        assert "The search is running: it cannot become running" in text_of(page)

    def test_reading_an_action_changes_nothing(self, mine: Client, search: Search) -> None:
        assert mine.get(reverse("search-action", args=[search.pk, "stop"])).status_code == 405

    def test_an_action_that_does_not_exist_is_not_there(self, mine: Client, search: Search) -> None:
        assert mine.post(reverse("search-action", args=[search.pk, "explode"])).status_code == 404

    def test_a_forged_request_is_refused_in_our_own_words(self, owner: User, search: Search) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(owner)
        refused = client.post(reverse("search-action", args=[search.pk, "stop"]))
        assert refused.status_code == 403
        assert "Nothing was changed" in text_of(refused)

    def test_only_allowed_buttons_are_shown(self, mine: Client, search: Search) -> None:
        page = text_of(mine.get(reverse("search-live", args=[search.pk])))
        hidden = re.findall(r'data-action="(\w+)" hidden', page)
        assert sorted(hidden) == ["resume", "start"]


class TestRulePage:
    def test_it_shows_the_equation_the_runs_and_how_to_use_it(self, mine: Client, search: Search) -> None:
        page = text_of(mine.get(reverse("rule", args=[search.pk, 1])))
        assert "75.00\N{NO-BREAK SPACE}%" in page
        assert page.count("<td>sweep</td>") == 1
        assert 'id="runs"' in page
        assert "model.parameters()" in page

    def test_a_rule_that_waits_says_so(self, mine: Client, search: Search) -> None:
        assert "This rule waits for a worker." in text_of(mine.get(reverse("rule", args=[search.pk, 2])))

    def test_a_duplicate_leads_to_the_rule_that_was_trained(self, mine: Client, search: Search) -> None:
        first = search.candidates.get(index=1)
        Candidate.objects.filter(search=search, index=2).update(
            duplicate_of=first, status="finished", outcome="duplicate", reward=first.reward
        )
        page = text_of(mine.get(reverse("rule", args=[search.pk, 2])))
        assert f'href="{reverse("rule", args=[search.pk, 1])}"' in page
        assert "was not trained again" in page

    @pytest.mark.parametrize("index", [3, 10**30])
    def test_a_rule_that_was_never_proposed_is_not_there(self, mine: Client, search: Search, index: int) -> None:
        assert mine.get(reverse("rule", args=[search.pk, index])).status_code == 404

    def test_the_download_is_a_python_file_with_the_rules_class(self, mine: Client, search: Search) -> None:
        response = mine.get(reverse("rule-export", args=[search.pk, 1]))
        source = text_of(response)
        compile(source, "optimizer.py", "exec")
        assert re.fullmatch(
            r'attachment; filename="optimizer_[0-9a-f]{8}\.py"', response.headers["Content-Disposition"]
        )
        assert "class M(" in source
        assert "lr: float = 0.1" in source or "lr=0.1" in source


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
