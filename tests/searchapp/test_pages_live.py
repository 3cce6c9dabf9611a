"""The live page and its buttons: everything is there without a script too."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from searchapp.models import Search
from searchapp.models.statuses import SearchStatus
from searchapp.views import sentences

OWN_PAGES = {"search-list": 0, "search-new": 0, "search-live": 1, "leaderboard-fragment": 1, "rule": 2}  # arguments


@pytest.fixture
def search(trained_search: Search) -> Search:
    return trained_search


def text_of(response: Any) -> str:
    return response.content.decode()


class TestLivePage:
    def test_it_says_everything_without_a_script_too(self, mine: Client, search: Search) -> None:
        page = text_of(mine.get(reverse("search-live", args=[search.pk])))
        assert f"<title>2/{search.budget} · small</title>" in page
        assert "No worker is running" in page
        assert "75.00\N{NO-BREAK SPACE}%" in page

    def test_no_page_has_an_inline_script_or_style(self, mine: Client, search: Search) -> None:
        for name, args in OWN_PAGES.items():
            page = text_of(mine.get(reverse(name, args=[search.pk, 0][:args])))
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

    def test_a_search_that_ended_says_how_long_it_took(self, mine: Client, search: Search) -> None:
        url = reverse("search-live", args=[search.pk])
        assert "Time left</dt>" in text_of(mine.get(url))
        start = datetime(2026, 1, 1, 12, tzinfo=UTC)
        Search.objects.filter(pk=search.pk).update(
            status="finished", started_at=start, finished_at=start + timedelta(seconds=192)
        )
        page = text_of(mine.get(url))
        assert "Took</dt>" in page
        assert "3 min 12 s" in page

    def test_every_status_has_a_sentence(self) -> None:
        for status in SearchStatus.values:
            told = sentences.note({"status": status, "workers": 1, "done": 1, "reason": "", "trials_waiting": 0})
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
