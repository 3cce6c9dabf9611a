"""The HTTP API: one's own searches only, clear errors by field, no forged requests."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from searchapp import results
from searchapp.leases import claim
from searchapp.models import Candidate, Search
from tests.searchapp.conftest import result_of
from tests.searchapp.rows import propose

pytestmark = pytest.mark.django_db
MakeSearch = Callable[..., Search]


def client_of(user: User | None) -> Client:
    client = Client()
    if user:
        client.force_login(user)
    return client


def post(client: Client, url: str, body: Any = None) -> Any:
    return client.post(url, json.dumps(body or {}), content_type="application/json")


@pytest.fixture
def mine(owner: User) -> Client:
    return client_of(owner)


@pytest.fixture
def search(make_search: MakeSearch) -> Search:
    search = make_search()
    for candidate, reward in zip(propose(search, 3), (0.5, 0.75, None), strict=True):
        if reward is not None:
            claimed = claim(candidate_id=candidate.pk, worker_name="worker-1")
            assert claimed is not None
            results.record_result(
                candidate_id=candidate.pk, attempt=claimed.attempt, result=result_of(candidate.text, reward)
            )
    search.refresh_from_db()
    return search


GETS = ("", "/snapshot", "/leaderboard", "/candidates/0")
ACTIONS = ("/start", "/pause", "/resume", "/stop")


@pytest.mark.parametrize("what", GETS + ACTIONS)
def test_somebody_elses_search_is_as_unknown_as_one_that_never_was(search: Search, stranger: User, what: str) -> None:
    client = client_of(stranger)
    ask = client.post if what in ACTIONS else client.get
    foreign, unknown = (ask(f"/api/searches/{pk}{what}") for pk in (search.pk, search.pk + 1000))
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.content == unknown.content
    assert Search.objects.get(pk=search.pk).status == "running"


@pytest.mark.parametrize("what", GETS + ACTIONS)
def test_nobody_gets_anything_without_signing_in(search: Search, what: str) -> None:
    client = client_of(None)
    ask = client.post if what in ACTIONS else client.get
    assert ask(f"/api/searches/{search.pk}{what}").status_code == 401
    assert client.get("/api/searches/").status_code == 401
    assert post(client, "/api/estimate").status_code == 401


@pytest.mark.parametrize("search_id", ["999999999999999999999999", "0", "-1", "x", "1.5", "%00"])
def test_an_address_that_is_no_search_is_not_found(mine: Client, search_id: str) -> None:
    assert mine.get(f"/api/searches/{search_id}").status_code in (404, 405)
    assert mine.get(f"/api/searches/{search_id}/snapshot").status_code in (404, 405)


def test_the_list_has_ones_own_searches_only_the_newest_first(
    make_search: MakeSearch, mine: Client, stranger: User
) -> None:
    first, second = make_search(), make_search()
    assert [row["id"] for row in mine.get("/api/searches/").json()] == [second.pk, first.pk]
    assert client_of(stranger).get("/api/searches/").json() == []
    assert [row["id"] for row in mine.get("/api/searches/?limit=1&offset=1").json()] == [first.pk]
    assert mine.get("/api/searches/?limit=0").status_code == 422


def test_a_search_is_created_and_runs(owner: User, make_search: MakeSearch, config: dict[str, Any]) -> None:
    response = post(client_of(owner), "/api/searches/", {"name": "by hand", "config": config})
    assert response.status_code == 201
    assert response.json()["status"] == "running"
    assert Search.objects.get(pk=response.json()["id"]).owner == owner


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"config": {"budget": -1}}, "budget", "greater than or equal to 1"),
        ({"config": {"child": {"dataset": "imagenet"}}}, "child.dataset", "digits"),
        ({"config": {"child": {"protocol": {"epochs": "many"}}}}, "child.protocol.epochs", "integer"),
        ({"config": {"colour": "red"}}, "colour", "not permitted"),
        ({"name": ""}, "name", "at least 1 character"),
        ({"name": "x" * 101}, "name", "at most 100"),
        ({"name": None}, "name", "string"),
        ({"queue": "nowhere"}, "queue", "there are: default"),
        ({"owner": 1}, "owner", "not permitted"),
    ],
)
def test_what_is_wrong_is_named_beside_its_field(
    mine: Client, make_search: MakeSearch, config: dict[str, Any], change: dict[str, Any], field: str, sentence: str
) -> None:
    change = {**change, "config": {**config, **change.get("config", {})}}
    response = post(mine, "/api/searches/", {"name": "wrong", **change})
    assert response.status_code == 422
    assert sentence in " ".join(response.json()["errors"][field])
    assert not Search.objects.filter(name="wrong").exists()


@pytest.mark.parametrize("body", ["", "nonsense", "[]", '"text"', "{", '{"config": 3}'])
def test_a_body_that_is_no_json_object_is_an_error_and_no_crash(mine: Client, body: str) -> None:
    for url in ("/api/searches/", "/api/estimate"):
        assert mine.post(url, body, content_type="application/json").status_code in (400, 422)


def test_forged_requests_are_refused(owner: User, search: Search) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    assert client.post(f"/api/searches/{search.pk}/stop").status_code == 403
    assert Search.objects.get(pk=search.pk).status == "running"


def test_actions_change_the_status_or_say_why_not(mine: Client, search: Search) -> None:
    url = f"/api/searches/{search.pk}"
    assert post(mine, f"{url}/pause").json()["status"] == "paused"
    refused = post(mine, f"{url}/pause")
    assert refused.status_code == 409
    assert "The search is paused: it cannot become paused" in refused.json()["message"]
    assert post(mine, f"{url}/resume").json()["status"] == "running"
    assert post(mine, f"{url}/stop").json()["status"] == "stopped"
    assert post(mine, f"{url}/resume").status_code == 409
    assert post(mine, f"{url}/explode").status_code == 422


def test_the_summary_says_how_far_the_search_is(mine: Client, search: Search) -> None:
    summary = mine.get(f"/api/searches/{search.pk}").json()
    assert (summary["budget"], summary["proposed"], summary["done"]) == (12, 3, 2)
    assert summary["best"]["index"] == 1
    assert summary["best"]["reward"] == 0.75
    assert summary["best"]["mathml"].startswith("<math")
    assert set(summary) == {
        "id", "name", "status", "reason", "budget", "proposed", "done", "best", "workers", "seconds_left",
        "started_at", "finished_at", "confirmed", "trials_waiting",
    }  # fmt: skip


def test_the_snapshot_holds_what_the_charts_need(mine: Client, search: Search) -> None:
    snapshot = mine.get(f"/api/searches/{search.pk}/snapshot").json()
    assert snapshot["candidates"] == [
        [0, 0.5, 0, "finished", 1, "trained", 0.1, [0, 0, 0, 0, -1]],
        [1, 0.75, 0, "finished", 3, "trained", 0.1, [0, 0, 0, 0, -1]],
        [2, None, 0, "queued", 5, "", None, [0, 0, 0, 0, -1]],
    ]
    assert snapshot["rounds"] == [{"number": 0, "metrics": {}}]
    assert snapshot["last_seq"] == search.events_count
    assert snapshot["summary"] == mine.get(f"/api/searches/{search.pk}").json()


def test_the_leaderboard_ranks_by_reward(mine: Client, search: Search) -> None:
    rows = mine.get(f"/api/searches/{search.pk}/leaderboard").json()
    assert [(row["rank"], row["index"], row["reward"]) for row in rows] == [(1, 1, 0.75), (2, 0, 0.5)]
    assert rows[0]["url"].endswith(f"/searches/{search.pk}/rules/1/")
    assert rows[0]["latex"]
    assert mine.get(f"/api/searches/{search.pk}/leaderboard?limit=1").json() == rows[:1]
    assert mine.get(f"/api/searches/{search.pk}/leaderboard?limit=x").status_code == 422


def test_a_candidate_has_its_runs_and_curves(mine: Client, search: Search) -> None:
    detail = mine.get(f"/api/searches/{search.pk}/candidates/1").json()
    assert [run["stage"] for run in detail["runs"]] == ["sweep", "final"]
    assert detail["runs"][1]["curve"][-1] == {"epoch": 2, "train_loss": 1.0, "validation_accuracy": 0.75}
    assert (detail["worker"], detail["attempt"], detail["duplicate_of"]) == ("worker-1", 1, None)
    assert mine.get(f"/api/searches/{search.pk}/candidates/99").status_code == 404


def test_a_duplicate_shows_the_runs_of_its_first_one(mine: Client, search: Search) -> None:
    Candidate.objects.filter(search=search, index=2).update(
        duplicate_of=Candidate.objects.get(search=search, index=1), status="finished", reward=0.75
    )
    detail = mine.get(f"/api/searches/{search.pk}/candidates/2").json()
    assert (detail["duplicate_of"], detail["duplicates"], len(detail["runs"])) == (1, [2], 2)
    assert len(mine.get(f"/api/searches/{search.pk}/leaderboard").json()) == 2


def test_the_estimate_knows_the_size_of_the_space(
    mine: Client, make_search: MakeSearch, config: dict[str, Any]
) -> None:
    estimate = post(mine, "/api/estimate", {"config": config}).json()
    assert estimate["size"] == (5 * 5 * 4 * 4 * 3) * (6 * 6 * 4 * 4 * 3)
    assert estimate["size_text"] == "2.0 × 10⁶"
    assert estimate["seconds"] > 0
    assert estimate["seconds_text"].startswith("about ")
    wrong = post(mine, "/api/estimate", {"config": {**config, "groups": 0}})
    assert wrong.status_code == 422
    assert "groups" in wrong.json()["errors"]


def test_the_description_of_the_api_can_be_read(mine: Client) -> None:
    paths = mine.get("/api/openapi.json").json()["paths"]
    assert "/api/searches/{search_id}/snapshot" in paths


@pytest.mark.parametrize("name", ["   ", "a\u0000b", "a\u001b[31mb"])
def test_a_name_that_cannot_be_shown_is_refused(mine: Client, name: str) -> None:
    answer = mine.post("/api/searches/", {"name": name, "config": {}}, content_type="application/json")
    assert answer.status_code == 422


def test_a_body_that_is_no_json_and_an_offset_beyond_any_list_get_a_sentence(mine: Client) -> None:
    wrong = mine.generic("POST", "/api/searches/", b"--x", content_type="multipart/form-data; boundary=x")
    assert wrong.status_code in (400, 415)
    assert wrong.json()["message"]
    assert mine.get("/api/searches/?offset=9223372036854775808").status_code == 422
