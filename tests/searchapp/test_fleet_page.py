"""The workers' page: who sees what, what staff may do, and that it asks few queries."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from searchapp import leases, results
from searchapp.fleet.overview import fleet
from searchapp.models import AuditEntry, Candidate, CandidateStatus, Queue, Search, Worker
from searchapp.version import VERSION
from searchapp.workers import presence
from tests.searchapp.conftest import result_of
from tests.searchapp.rows import propose

pytestmark = pytest.mark.django_db
PAGES = ("/workers/", "/workers/fragment/")


@pytest.fixture
def boss(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_user("boss", is_staff=True))
    return client


@pytest.fixture
def rows(make_search: Callable[..., Search]) -> list[Candidate]:
    """Of three candidates worker w has trained the first and trains the second."""
    rows = propose(make_search(), 3)
    presence.register("w", rows[0].search.queue, "cpu")
    first = leases.claim_next(candidate_id=rows[0].pk, worker_name="w")
    assert first is not None
    results.record_result(candidate_id=rows[0].pk, attempt=first.attempt, result=result_of("g"))
    assert leases.claim_next(candidate_id=rows[1].pk, worker_name="w") is not None
    return rows


def html(client: Client, address: str = "/workers/fragment/") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.content, "utf-8")


def test_the_page_is_for_people_who_are_signed_in(client: Client, mine: Client, rows: list[Candidate]) -> None:
    for page in PAGES:
        assert client.get(page).status_code == 302
        assert mine.get(page).status_code == 200
        assert mine.post(page).status_code == 405


def test_what_others_train_is_for_staff(mine: Client, theirs: Client, boss: Client, rows: list[Candidate]) -> None:
    Search.objects.update(name="secret plan")
    rule = f"<code>{rows[1].text}</code>"
    assert rule in html(mine)
    assert f"/searches/{rows[1].search_id}/rules/1/" in html(mine)
    for page in PAGES:
        text = html(theirs, page)
        assert "another person’s child" in text
        assert rule not in text
        assert "secret plan" not in text
        assert "Who did what" not in text
        assert "formaction" not in text
    text = html(boss)
    assert rule in text
    assert "secret plan, owner" in text
    assert f"/searches/{rows[1].search_id}/" not in text  # it is not theirs to open
    assert "search.started" in text


def test_the_numbers_are_those_of_the_rows(owner: User, rows: list[Candidate]) -> None:
    Queue.objects.create(name="gpu")
    here, empty = fleet(owner)
    numbers = (here.live, here.in_training, here.candidates_waiting, here.trials_waiting, here.last_hour)
    assert numbers == (1, 1, 1, 0, 1)
    assert (empty.live, empty.workers, empty.last_hour) == (0, [], 0)
    worker = here.workers[0]
    assert (worker.state, worker.last_hour, worker.row.version) == ("live", 1, VERSION)
    assert "GB" in worker.memory
    Candidate.objects.update(finished_at=timezone.now() - timedelta(minutes=61))
    assert fleet(owner)[0].last_hour == 0


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"draining": True}, "draining"),
        ({"retired": True}, "ending"),
        ({"refused": "Too old."}, "refused"),
        ({}, "live"),
    ],
)
def test_a_workers_state_is_named(mine: Client, rows: list[Candidate], changes: dict[str, object], state: str) -> None:
    Worker.objects.update(**changes)
    assert f">{state}</span>" in html(mine)
    Worker.objects.update(seen_at=timezone.now() - timedelta(minutes=5))
    assert f">{'refused' if state == 'refused' else 'stale'}</span>" in html(mine)


def test_an_old_workers_empty_row_breaks_nothing(boss: Client, rows: list[Candidate]) -> None:
    Worker.objects.update(machine={}, version="", host="")
    assert "w</span>" in html(boss)


def test_the_page_asks_as_many_queries_for_many_workers_as_for_one(owner: User, rows: list[Candidate]) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            fleet(owner)
        return len(queries)

    before = asked()
    for number in range(5):
        presence.register(f"v{number}", Queue.objects.create(name=f"q{number}"), "cpu")
    assert asked() == before <= 9


def test_only_staff_acts(client: Client, mine: Client, rows: list[Candidate]) -> None:
    worker, queue = Worker.objects.get(), Queue.objects.get()
    for address in (f"/workers/queues/{queue.pk}/pause/", f"/workers/{worker.pk}/retire/"):
        assert client.post(address).status_code == 302
        assert mine.post(address).status_code == 403
        assert mine.get(address).status_code == 405
    assert not Queue.objects.get().paused
    assert not Worker.objects.get().retired
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.create_user("boss", is_staff=True))
    assert strict.post(f"/workers/queues/{queue.pk}/pause/").status_code == 403


def test_staff_pauses_limits_and_goes_on(boss: Client, rows: list[Candidate]) -> None:
    queue = Queue.objects.get()
    address = f"/workers/queues/{queue.pk}"
    assert "is paused: what trains finishes" in str(boss.post(f"{address}/pause/", follow=True).content, "utf-8")
    assert "goes on" in str(boss.post(f"{address}/resume/", follow=True).content, "utf-8")
    boss.post(f"{address}/limit/", {f"limit-{queue.pk}": "2"})
    queue.refresh_from_db()
    assert (queue.paused, queue.limit_per_user) == (False, 2)
    for wrong in ("x", "-1", "0", "99999", "1" * 20, "²"):
        answer = boss.post(f"{address}/limit/", {f"limit-{queue.pk}": wrong}, follow=True)
        assert "limit per person" in str(answer.content, "utf-8").split("</ul>")[0]
    queue.refresh_from_db()
    assert queue.limit_per_user == 2
    assert boss.post(f"{address}/explode/").status_code == 404
    assert boss.post("/workers/queues/999/pause/").status_code == 404
    acts = AuditEntry.objects.filter(who="boss").order_by("id").values_list("action", flat=True)
    assert list(acts) == ["queue.paused", "queue.resumed", "queue.limited"]


def test_staff_cancels_the_child_that_was_seen_and_no_other(boss: Client, rows: list[Candidate]) -> None:
    address = f"/workers/{Worker.objects.get().pk}/cancel/"
    assert f"candidate.{rows[1].pk}.1" in html(boss)
    for other in ("", f"candidate.{rows[1].pk}.0", f"candidate.{rows[0].pk}.1", f"trial.{rows[1].pk}.1"):
        assert "trains something else" in str(boss.post(address, {"child": other}, follow=True).content, "utf-8")
    boss.post(address, {"child": f"candidate.{rows[1].pk}.1"})
    rows[1].refresh_from_db()
    assert rows[1].status == CandidateStatus.FAILED
    queue = Queue.objects.get()
    answer = boss.post(f"/workers/queues/{queue.pk}/requeue/", follow=True)
    assert "1 failed child of 1 search" in str(answer.content, "utf-8")


def test_staff_moves_drains_and_retires(boss: Client, rows: list[Candidate]) -> None:
    worker, gpu = Worker.objects.get(), Queue.objects.create(name="gpu")
    base = f"/workers/{worker.pk}"
    assert "no queue “nowhere”" in str(
        boss.post(f"{base}/move/", {f"queue-{worker.pk}": "nowhere"}, follow=True).content, "utf-8"
    )
    boss.post(f"{base}/move/", {f"queue-{worker.pk}": "gpu"})
    boss.post(f"{base}/drain/")
    worker.refresh_from_db()
    assert (worker.queue, worker.draining) == (gpu, True)
    assert "1 child went back" in str(boss.post(f"{base}/retire/", follow=True).content, "utf-8")
    rows[1].refresh_from_db()
    assert rows[1].status == CandidateStatus.QUEUED
