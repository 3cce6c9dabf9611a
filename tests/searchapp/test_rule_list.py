"""All rules of a search: narrowed, sorted, ranked, page by page, and exported."""

import csv
import importlib
import io
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.test import AsyncClient, Client
from django.urls import reverse

from engine.language import Rule
from engine.language.words import words
from searchapp import selectors
from searchapp.advance import advance_search
from searchapp.models import Candidate, Round, Search
from searchapp.rules import export, listing, orders
from searchapp.rules.orders import NAMES

RULES = (
    # text, reward, outcome, status, index of the first one, confirmed mean
    ("g", 0.5, "trained", "finished", None, None),
    ("exp(m) * g", 0.9, "trained", "finished", None, None),
    ("-g", 0.0, "screened", "finished", None, None),
    ("clip(m, 1e-3) + sign(g)", 0.7, "trained", "finished", None, 0.6),
    ("g", 0.5, "duplicate", "finished", 0, None),
    ("sign(g) * sign(m)", 0.7, "diverged", "finished", None, None),
    ("sqrt(v)", None, "", "failed", None, None),
    ("m", None, "", "queued", None, None),
    ("adam", 0.8, "trained", "finished", None, 0.65),
    ("g", 0.5, "duplicate", "finished", 0, None),
)
PRIMITIVES = {
    "operands": ["g", "m", "v", "adam"],
    "unary": ["x", "-x", "exp", "sign", "sqrt", "clip(1e-3)"],
    "binary": ["+", "*", "left"],
}


@pytest.fixture
def search(make_search: Callable[..., Search]) -> Search:
    search = make_search(start=False, primitives=PRIMITIVES)
    round_ = Round.objects.create(search=search, number=4)
    made: list[Candidate] = []
    for index, (text, reward, outcome, status, first, mean) in enumerate(RULES):
        rule = Rule.parse(text)
        made.append(
            Candidate.objects.create(
                search=search,
                round=round_,
                index=index,
                tokens=[],
                text=text,
                fingerprint=rule.fingerprint,
                complexity=rule.complexity,
                words=f" {' '.join(sorted(words(rule.tree)))} ",
                reward=reward,
                outcome=outcome,
                status=status,
                learning_rate=None if reward is None else 10.0 ** -(index % 3),
                duplicate_of=None if first is None else made[first],
                times_proposed=3 if index == 0 else 1,
                confirmed_mean=mean,
                confirmed_n=3 if mean else 0,
                confirmed_std=0.01 if mean else None,
            )
        )
    Search.objects.filter(pk=search.pk).update(candidates_proposed=len(RULES))
    return search


@pytest.fixture
def indexes(mine: Client, search: Search) -> Callable[[str], list[int]]:
    """The rules that the page of this query lists, in its order."""

    def ask(query: str) -> list[int]:
        page = mine.get(f"{reverse('rule-list', args=[search.pk])}?{query}").content.decode()
        return [int(found) for found in re.findall(r'title="Rule (\d+):', page)]

    return ask


def exported(client: Client, search: Search, query: str = "") -> list[dict[str, str]]:
    response = client.get(f"{reverse('rules-csv', args=[search.pk])}?{query}")
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(text)))


class TestNarrowing:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("", {0, 1, 2, 3, 5, 6, 7, 8}),  # every rule once
            ("outcome=all", set(range(10))),
            ("outcome=duplicate", {4, 9}),
            ("outcome=screened", {2}),
            ("outcome=failed", {6}),
            ("outcome=waiting", {7}),
            ("uses=exp", {1}),
            ("uses=m&uses=sign", {3, 5}),
            ("uses=clip(1e-3)", {3}),
            ("uses=-x", {2}),
            ("least=2&most=3", {1, 2, 6} - {1}),
            ("confirmed=on", {3, 8}),
            ("q=sign(m)", {5}),
            ("q=sign(m)*sign(g)", {5}),  # as it would be written
            ("q=nothing-like-it", set()),
        ],
    )
    def test_each_filter(self, indexes: Callable[[str], list[int]], query: str, expected: set[int]) -> None:
        assert set(indexes(query)) == expected

    def test_notes_and_tags_are_searched_too(self, indexes: Callable[[str], list[int]], search: Search) -> None:
        search.candidates.filter(index=5).update(tags=["promising"])
        search.candidates.filter(index=6).update(notes="Try with **Promising** decay.")
        assert set(indexes("q=promising")) == {5, 6}

    def test_m_is_not_found_in_adam(self, indexes: Callable[[str], list[int]]) -> None:
        assert 8 not in indexes("uses=m")

    @pytest.mark.parametrize("query", ["least=many", "outcome=good", "uses=unheard"])
    def test_what_is_not_understood_says_so_and_hides_nothing(
        self, mine: Client, search: Search, indexes: Callable[[str], list[int]], query: str
    ) -> None:
        page = mine.get(f"{reverse('rule-list', args=[search.pk])}?{query}").content.decode()
        assert "errorlist" in page or "field__errors" in page
        assert len(indexes(query)) == 8


class TestOrder:
    def test_the_ranking_is_the_leaderboards(self, indexes: Callable[[str], list[int]], search: Search) -> None:
        board = [row.candidate.index for row in selectors.leaderboard(search, limit=100)]
        assert indexes("")[: len(board)] == board == [8, 3, 1, 5, 0]

    def test_ranks_stay_when_the_list_is_narrowed(self, search: Search) -> None:
        rows = search.candidates.filter(outcome="trained")
        found = listing.page(search, rows, order="size", number=1, length=50)
        places = {row.candidate.index: row.rank for row in found.rows}
        assert places == {8: 1, 3: 2, 1: 3, 0: 5}

    def test_a_ranking_read_from_the_position_is_the_one_counted(self, search: Search) -> None:
        quick, slow = (
            listing.page(search, search.candidates.all(), order="rank", number=1, length=50, is_whole=is_whole)
            for is_whole in (True, False)
        )
        assert [row.rank for row in quick.rows] == [row.rank for row in slow.rows]

    @pytest.mark.parametrize("name", NAMES)
    @pytest.mark.parametrize("sign", ["", "-"])
    def test_every_order_shows_every_rule_once(self, indexes: Callable[[str], list[int]], name: str, sign: str) -> None:
        found = indexes(f"outcome=all&sort={sign}{name}")
        assert sorted(found) == list(range(len(RULES)))

    def test_turning_leaves_rules_without_a_value_last(self, indexes: Callable[[str], list[int]]) -> None:
        assert set(indexes("sort=reward")[-2:]) == set(indexes("sort=-reward")[-2:]) == {6, 7}
        assert indexes("sort=reward")[0] == 1
        assert indexes("sort=-reward")[0] == 2

    def test_times_begin_with_what_was_proposed_most(self, indexes: Callable[[str], list[int]]) -> None:
        assert indexes("sort=times")[0] == 0


class TestPages:
    @pytest.mark.parametrize("order", [sign + name for name in NAMES for sign in ("", "-")])
    def test_pages_are_the_whole_cut_up(self, search: Search, order: str) -> None:
        ordered = orders.Ordered(search.candidates.all(), order)
        cut = [key for start in range(0, 12, 3) for key in ordered.page(start, 3)]
        assert cut == ordered.all()
        assert len(cut) == len(ordered) == len(RULES)

    def test_the_address_holds_the_state_and_a_page_past_the_end_is_the_last(
        self, mine: Client, search: Search
    ) -> None:
        page = mine.get(f"{reverse('rule-list', args=[search.pk])}?q=g&sort=-size&page=999").content.decode()
        assert 'name="q" value="g"' in page
        assert 'name="sort" value="-size"' in page
        assert 'aria-sort="descending"' in page

    def test_a_list_costs_the_same_number_of_queries_for_any_length(
        self, mine: Client, search: Search, django_assert_max_num_queries: Any
    ) -> None:
        with django_assert_max_num_queries(10):
            mine.get(f"{reverse('rule-list', args=[search.pk])}?outcome=all&sort=size")

    def test_an_empty_search_says_so(self, mine: Client, make_search: Callable[..., Search]) -> None:
        page = mine.get(reverse("rule-list", args=[make_search(start=False).pk])).content.decode()
        assert "No rule was proposed yet." in page

    def test_a_rule_of_another_version_is_shown_as_text(self, mine: Client, search: Search) -> None:
        search.candidates.filter(index=1).update(text="cube(g) <b>")
        assert "cube(g) &lt;b&gt;</code>" in mine.get(reverse("rule-list", args=[search.pk])).content.decode()


class TestExport:
    def test_csv_has_every_page_of_the_same_view(
        self, mine: Client, search: Search, indexes: Callable[[str], list[int]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(export, "PIECE", 3)
        rows = exported(mine, search, "outcome=all&sort=-size")
        assert [int(row["index"]) for row in rows] == indexes("outcome=all&sort=-size")
        assert {row["index"]: row["rank"] for row in rows}["8"] == "1"
        assert rows[0]["round"] == "4"

    def test_a_spreadsheet_executes_nothing(self, mine: Client, search: Search) -> None:
        search.candidates.filter(index=2).update(notes='=HYPERLINK("https://x.test")', tags=["@SUM(1)"])
        row = next(row for row in exported(mine, search) if row["index"] == "2")
        assert row["rule"] == "'-g"
        assert row["notes"].startswith("'=")
        assert row["tags"].startswith("'@")

    @pytest.mark.parametrize("value", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
    def test_whatever_begins_a_formula_is_a_text(self, value: str) -> None:
        assert export.harmless(value) == f"'{value}"

    @pytest.mark.parametrize("value", [-1.5, None, "g * -m", 3])
    def test_numbers_and_other_texts_stay(self, value: object) -> None:
        assert export.harmless(value) == value

    def test_json_is_the_same_with_texts_as_they_are(self, mine: Client, search: Search) -> None:
        response = mine.get(f"{reverse('rules-json', args=[search.pk])}?outcome=all")
        found = json.loads(b"".join(response.streaming_content))  # type: ignore[attr-defined]
        assert [row["index"] for row in found["rules"]] == [8, 3, 1, 5, 0, 2, 4, 6, 7, 9]
        assert found["rules"][5]["rule"] == "-g"

    def test_nothing_found_is_valid_too(self, mine: Client, search: Search) -> None:
        response = mine.get(f"{reverse('rules-json', args=[search.pk])}?q=nothing-like-it")
        assert json.loads(b"".join(response.streaming_content))["rules"] == []  # type: ignore[attr-defined]
        assert exported(mine, search, "q=nothing-like-it") == []


@pytest.mark.django_db(transaction=True)
async def test_an_asynchronous_server_gets_the_pieces_one_by_one(search: Search) -> None:
    client = AsyncClient()
    await client.aforce_login(await Search.objects.values_list("owner", flat=True).aget() and search.owner)
    response = await client.get(reverse("rules-csv", args=[search.pk]))
    pieces = [piece async for piece in response.streaming_content]  # type: ignore[attr-defined]
    assert len(pieces) == 2
    assert pieces[0].decode("utf-8-sig").startswith("rank,index")


@pytest.mark.parametrize("name", ["rule-list", "rules-csv", "rules-json"])
def test_others_see_nothing(theirs: Client, client: Client, search: Search, name: str) -> None:
    address = reverse(name, args=[search.pk])
    assert theirs.get(address).status_code == 404
    assert client.get(address).status_code == 302


def test_searches_of_older_versions_get_their_words_and_counts(search: Search) -> None:
    fill = importlib.import_module("searchapp.migrations.0006_candidate_words_and_times").fill
    before = list(search.candidates.values_list("index", "words", "times_proposed"))
    search.candidates.update(words="", times_proposed=1)
    search.candidates.filter(index=1).update(text="no rule of ours")
    fill(apps, None)
    after = list(search.candidates.values_list("index", "words", "times_proposed"))
    assert after == [(1, "", 1) if row[0] == 1 else row for row in before]


def test_a_proposed_round_writes_words_and_counts(make_search: Callable[..., Search]) -> None:
    search = make_search(budget=80, round_size=40, controller={"name": "random", "redraws": 0})
    advance_search(search.pk)
    rows = Candidate.objects.all()
    assert rows
    for row in rows:
        assert set(row.words.split()) == words(Rule.parse(row.text).tree)
        if row.duplicate_of is None:
            assert row.times_proposed == 1 + row.duplicates.count()
    assert any(row.times_proposed > 1 for row in rows)
