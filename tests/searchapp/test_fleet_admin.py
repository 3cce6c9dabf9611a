"""The acts of staff as actions of the admin, each with its entry in the audit."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from searchapp import leases
from searchapp.models import AuditEntry, Candidate, Queue, Search, Worker
from searchapp.workers import presence
from tests.searchapp.rows import propose

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("boss", password="boss-password"))
    return client


@pytest.fixture
def rows(make_search: Callable[..., Search]) -> list[Candidate]:
    rows = propose(make_search(), 2)
    presence.register("w", rows[0].search.queue, "cpu")
    return rows


def act(admin: Client, model: str, action: str, *chosen: int) -> str:
    address = reverse(f"admin:searchapp_{model}_changelist")
    answer = admin.post(address, {"action": action, "_selected_action": list(chosen)}, follow=True)
    assert answer.status_code == 200
    return str(answer.content, "utf-8")


def audited() -> list[str]:
    return list(AuditEntry.objects.filter(who="boss").order_by("id").values_list("action", flat=True))


def test_queues_are_paused_and_go_on(admin: Client, rows: list[Candidate]) -> None:
    queue = rows[0].search.queue
    assert "Queue default: paused." in act(admin, "queue", "pause", queue.pk)
    assert Queue.objects.get().paused
    assert "paused already" in act(admin, "queue", "pause", queue.pk)
    act(admin, "queue", "resume", queue.pk)
    assert not Queue.objects.get().paused
    assert "No child or trial" in act(admin, "queue", "requeue", queue.pk)
    assert audited() == ["queue.paused", "queue.resumed"]


def test_a_queues_limit_is_changed_in_its_form_and_its_name_never(admin: Client, rows: list[Candidate]) -> None:
    queue = rows[0].search.queue
    address = reverse("admin:searchapp_queue_change", args=[queue.pk])
    admin.post(address, {"name": "shared", "limit_per_user": "4"})
    queue.refresh_from_db()
    assert (queue.name, queue.limit_per_user) == ("default", 4)  # workers that run listen to the name
    assert "greater than or equal to 1" in str(admin.post(address, {"name": "shared", "limit_per_user": "0"}).content)
    admin.post(reverse("admin:searchapp_queue_add"), {"name": "gpu", "limit_per_user": ""})
    act(admin, "queue", "delete_selected", Queue.objects.get(name="gpu").pk)
    assert audited() == ["queue.limited", "queue.added"]


def test_workers_are_drained_moved_and_retired(admin: Client, rows: list[Candidate]) -> None:
    worker, gpu = Worker.objects.get(), Queue.objects.create(name="gpu")
    act(admin, "worker", f"move_to_{gpu.pk}", worker.pk)
    act(admin, "worker", "drain", worker.pk)
    worker.refresh_from_db()
    assert (worker.queue, worker.draining) == (gpu, True)
    act(admin, "worker", "retire", worker.pk)
    assert Worker.objects.get().retired
    assert audited() == ["worker.moved", "worker.drained", "worker.retired"]


def test_a_child_in_training_is_cancelled_and_one_that_waits_is_not(admin: Client, rows: list[Candidate]) -> None:
    assert leases.claim_next(candidate_id=rows[0].pk, worker_name="w") is not None
    page = act(admin, "candidate", "cancel", rows[0].pk, rows[1].pk)
    assert "does not train any more" in page
    assert [row.status for row in Candidate.objects.order_by("index")] == ["failed", "queued"]
    assert audited() == ["child.cancelled"]


def test_a_search_that_is_deleted_in_the_admin_is_written_down(admin: Client, rows: list[Candidate]) -> None:
    admin.post(reverse("admin:searchapp_search_delete", args=[rows[0].search_id]), {"post": "yes"})
    assert not Search.objects.exists()
    assert AuditEntry.objects.get(who="boss").details == {"owner": "owner"}


def test_the_audit_can_only_be_read(admin: Client, rows: list[Candidate]) -> None:
    entry = AuditEntry.objects.get()
    assert admin.get(reverse("admin:searchapp_auditentry_change", args=[entry.pk])).status_code == 200
    assert admin.post(reverse("admin:searchapp_auditentry_delete", args=[entry.pk]), {"post": "yes"}).status_code == 403
    assert admin.post(reverse("admin:searchapp_auditentry_change", args=[entry.pk]), {"who": "x"}).status_code == 403
