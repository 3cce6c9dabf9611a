"""Pages stay light: the number of queries does not grow with the search, and the numbers they show are right."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engine.config import SearchConfig
from searchapp import estimates, selectors
from searchapp.models import Candidate, PrimitiveSet, Search
from searchapp.workers import presence
from tests.searchapp.rows import propose

pytestmark = pytest.mark.django_db
MakeSearch = Callable[..., Search]


def finish(candidates: list[Candidate], seconds: float = 2.0) -> None:
    for candidate in candidates:
        Candidate.objects.filter(pk=candidate.pk).update(
            status="finished", outcome="trained", reward=0.1 + candidate.index / 100, seconds=seconds
        )
    search = candidates[0].search
    Search.objects.filter(pk=search.pk).update(
        candidates_done=search.candidates.filter(status="finished").count(), best_candidate=candidates[-1]
    )


def queries(call: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as context:
        call()
    return len(context)


def test_the_number_of_queries_does_not_grow_with_the_search(make_search: MakeSearch, owner: User) -> None:
    search = make_search(budget=500)
    finish(propose(search, 2))
    asked = {
        "list": lambda: selectors.summaries(selectors.searches_of(owner)[:50]),
        "summary": lambda: selectors.summary(selectors.find_search(owner, search.pk)),
        "snapshot": lambda: selectors.snapshot(selectors.find_search(owner, search.pk)),
        "leaderboard": lambda: selectors.leaderboard(search, limit=100),
        "candidate": lambda: selectors.candidate_detail(search, 1),
        "events": lambda: selectors.events_after(search.pk, 0, 100),
    }
    before = {name: queries(call) for name, call in asked.items()}
    for _ in range(4):
        finish(propose(search, 5))
        finish(propose(make_search(), 3))
    after = {name: queries(call) for name, call in asked.items()}
    assert after == before
    assert max(after.values()) <= 8
    assert len(selectors.leaderboard(search, limit=100)) == 22


def test_the_time_left_follows_from_what_candidates_took_and_who_works(make_search: MakeSearch) -> None:
    search = make_search(budget=10)
    finish(propose(search, 4), seconds=3.0)
    search.refresh_from_db()
    assert selectors.summary(search)["seconds_left"] is None  # nobody works
    presence.register("worker-1", search.queue, "cpu")
    assert selectors.summary(search)["seconds_left"] == 18.0
    presence.register("worker-2", search.queue, "cpu")
    assert selectors.summary(search)["seconds_left"] == 9.0
    assert selectors.summary(search)["workers"] == 2
    Candidate.objects.filter(search=search, index=3).update(seconds=None, outcome="duplicate")  # cost nothing
    assert selectors.summary(search)["seconds_left"] == pytest.approx(6 * 9 / 4 / 2, abs=0.1)
    search.status = "paused"
    assert selectors.summary(search)["seconds_left"] is None


def test_equal_rewards_rank_the_simpler_rule_first_and_pages_of_the_board_fit_together(
    make_search: MakeSearch,
) -> None:
    search = make_search()
    finish(propose(search, 5))
    Candidate.objects.filter(search=search).update(reward=0.5)
    rows = selectors.leaderboard(search)
    assert [row.candidate.complexity for row in rows] == [1, 3, 5, 7, 9]
    pages = [selectors.leaderboard(search, limit=2, offset=offset) for offset in (0, 2, 4)]
    assert [row.rank for page in pages for row in page] == [1, 2, 3, 4, 5]
    assert selectors.leaderboard(search, limit=-1, offset=-1) == []


def test_primitive_sets_are_the_built_in_ones_and_ones_own(
    make_search: MakeSearch, owner: User, stranger: User
) -> None:
    make_search()
    for user in (owner, stranger):
        PrimitiveSet.objects.create(name="private", owner=user, operands=["g"], unary=["x"], binary=["+"])
    sets = list(selectors.primitive_sets_for(owner))
    assert [s.owner_id for s in sets if s.name == "private"] == [owner.pk]
    assert sets[0].owner_id is None
    assert "private" not in {s.name for s in selectors.primitive_sets_for(AnonymousUser())}


def test_actions_offered_are_those_that_are_allowed() -> None:
    offered = {status: selectors.allowed_actions(Search(status=status)) for status in selectors.ALLOWED_CHANGES}
    assert offered == {
        "queued": ["start", "stop"],
        "running": ["pause", "stop"],
        "paused": ["resume", "stop"],
        "finished": [],
        "stopped": [],
        "failed": [],
    }


def test_an_estimate_uses_measured_times_once_there_are_enough(make_search: MakeSearch, config: dict[str, Any]) -> None:
    search, checked = make_search(), SearchConfig.model_validate(config)
    finish(propose(search, 4), seconds=7.0)
    assert "computed" in estimates.estimate(checked)["basis"]
    finish(propose(search, 1), seconds=7.0)
    measured = estimates.estimate(checked)
    assert "median of 5 children" in measured["basis"]
    assert "no worker runs" in measured["basis"]
    assert measured["seconds"] == 7.0 * 12
    for number in range(3):
        presence.register(f"worker-{number}", search.queue, "cpu")
    assert estimates.estimate(checked)["seconds"] == 7.0 * 12 / 3
    other = SearchConfig.model_validate({**config, "child": {**config["child"], "network": "mlp"}})
    assert "computed" in estimates.estimate(other)["basis"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "about 1 second"), (50, "about 50 seconds"), (100, "about 2 minutes"), (5400, "about 2 hours"),
     (10_000, "about 3 hours"), (400_000, "about 5 days")],
)  # fmt: skip
def test_durations_are_said_in_words(seconds: float, text: str) -> None:
    assert estimates.duration_text(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0"), (1234, "1,234"), (1_000_000, "1.0 × 10⁶"), (10**400 * 12, "1.2 × 10⁴⁰¹")]
)
def test_large_counts_are_said_with_an_exponent(count: int, text: str) -> None:
    assert estimates.count_text(count) == text
