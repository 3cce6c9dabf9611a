"""What Prometheus reads, and who may."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from prometheus_client.parser import text_string_to_metric_families

from nosweb.environment import Environment
from searchapp import control_pass, results
from searchapp.leases import claim
from searchapp.metrics import exposition
from searchapp.models import Candidate, Search
from searchapp.workers import presence
from tests.searchapp.rows import propose

pytestmark = pytest.mark.django_db
TOKEN = "a-token-of-this-test-only"


def read(text: bytes) -> dict[tuple[str, str], float]:
    """(name, label's value) -> number."""
    samples = (one for family in text_string_to_metric_families(text.decode()) for one in family.samples)
    return {(one.name, next(iter(one.labels.values()), "")): one.value for one in samples}


def test_the_numbers_are_those_of_the_database(trained_search: Search) -> None:
    waiting = propose(trained_search, 3)
    taken = claim(candidate_id=waiting[0].pk, worker_name="worker-1")
    assert taken is not None
    failed = claim(candidate_id=waiting[1].pk, worker_name="worker-1")
    assert failed is not None
    assert results.fail(candidate_id=failed.candidate_id, attempt=failed.attempt, reason="a sentence")
    presence.register("worker-1", trained_search.queue, "cpu")
    control_pass.note()
    numbers = read(exposition())
    trained_search.refresh_from_db()
    assert numbers["nos_searches", "running"] == 1
    assert numbers["nos_searches", "failed"] == 0
    for status in ("queued", "training", "finished", "failed"):
        assert numbers["nos_candidates", status] == Candidate.objects.filter(status=status).count(), status
    assert numbers["nos_candidates", "failed"] == 1
    assert numbers["nos_candidates", "training"] == 1
    assert numbers["nos_workers_live", "default"] == 1
    assert numbers["nos_workers_busy", "default"] == 0
    assert numbers["nos_events", ""] == trained_search.events_count == trained_search.events.count() > 0
    assert 0 <= numbers["nos_control_pass_age_seconds", ""] < 5
    assert numbers["nos_redis_up", ""] == 1
    assert numbers["process_resident_memory_bytes", ""] > 1e6


def test_the_queries_are_as_many_however_many_searches_there_are(make_search: Callable[..., Search]) -> None:
    make_search()
    exposition()
    with CaptureQueriesContext(
        connection,
    ) as few:
        exposition()
    for _ in range(5):
        propose(make_search(), 2)
    with CaptureQueriesContext(connection) as many:
        exposition()
    assert len(few) == len(many) <= 12


def test_an_empty_installation_has_its_series(make_search: Callable[..., Search]) -> None:
    numbers = read(exposition())
    assert numbers["nos_candidates", "finished"] == numbers["nos_events", ""] == 0
    assert numbers["nos_workers_live", "default"] == 0


def test_a_lost_redis_is_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "REDIS_URL", "redis://127.0.0.1:1/0")
    numbers = read(exposition())
    assert numbers["nos_redis_up", ""] == 0
    assert ("nos_control_pass_age_seconds", "") not in numbers


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.0.1", "::1"])
def test_this_machine_may_read(client: Client, address: str) -> None:
    answer = client.get("/metrics", REMOTE_ADDR=address)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain")
    assert b"nos_searches" in answer.content


@pytest.mark.parametrize(
    "request_is",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"REMOTE_ADDR": ""},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "192.0.2.7"},  # a proxy on this machine
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_PROTO": "https"},
        {"REMOTE_ADDR": "192.0.2.7", "HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"REMOTE_ADDR": "192.0.2.7", "HTTP_AUTHORIZATION": "Bearer "},
        {"REMOTE_ADDR": "192.0.2.7", "HTTP_AUTHORIZATION": "Bearer é"},
    ],
)
def test_nobody_else_may(client: Client, request_is: dict[str, str]) -> None:
    answer = client.get("/metrics", **request_is)  # type: ignore[arg-type]
    assert answer.status_code == 403
    assert b"nos_" not in answer.content


def test_a_signed_in_stranger_may_not_either(theirs: Client) -> None:
    assert theirs.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 403


@pytest.mark.parametrize(("sent", "status"), [(TOKEN, 200), (TOKEN[:-1], 403), (TOKEN + "x", 403), ("", 403)])
def test_the_token_opens(client: Client, monkeypatch: pytest.MonkeyPatch, sent: str, status: int) -> None:
    monkeypatch.setattr(settings, "METRICS_TOKEN", TOKEN)
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.7", HTTP_AUTHORIZATION=f"Bearer {sent}").status_code == status


def test_a_short_token_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METRICS_TOKEN", "short-word")
    with pytest.raises(Exception, match="METRICS_TOKEN is too short") as error:
        Environment().token("METRICS_TOKEN", least=24)
    assert "short-word" not in str(error.value)


def test_the_documentation_explains_every_number(mine: Client, make_search: Callable[..., Search]) -> None:
    control_pass.note()
    page = mine.get("/docs/operations/").content.decode()
    for name, _ in read(exposition()):
        assert not name.startswith("nos_") or name in page, name
