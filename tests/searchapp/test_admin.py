"""The admin shows every kind of row, and lets nobody break a search."""

from collections.abc import Callable

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from engine.config import ChildConfig
from searchapp import models, services
from searchapp.tokens import keeping
from searchapp.workers import presence
from searchapp.workers.child import ChildWorker
from tests.searchapp.rows import propose

pytestmark = pytest.mark.django_db
OURS = [model for model in admin.site._registry if model._meta.app_label == "searchapp"]


@pytest.fixture
def staff(db: None, make_search: Callable[..., models.Search], worker: ChildWorker) -> Client:
    search = make_search()
    presence.register("worker-1", search.queue, "cpu")
    candidate = propose(search, 2)[0]
    worker.train(candidate.pk)
    services.transfer_rule(candidate=candidate, title="MLP on digits", child=ChildConfig(network="mlp"))
    keeping.create_token(owner=search.owner, name="laptop")
    client = Client()
    client.force_login(User.objects.create_superuser("staff", password="staff-password"))
    return client


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.model_name)
def test_every_list_and_every_row_can_be_seen(staff: Client, model: type) -> None:
    name = f"admin:searchapp_{model._meta.model_name}"  # type: ignore[attr-defined]
    assert staff.get(reverse(f"{name}_changelist")).status_code == 200
    row = model._default_manager.first()  # type: ignore[attr-defined]
    assert staff.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200


def test_what_a_search_wrote_can_be_read_and_not_changed(staff: Client) -> None:
    written = (models.Search, models.Candidate, models.Round, models.ChildRun, models.SearchEvent, models.Worker)
    for model in (*written, models.Trial, models.Transfer, models.ApiToken):
        name = f"admin:searchapp_{model._meta.model_name}"
        assert staff.get(reverse(f"{name}_add")).status_code == 403
        assert staff.post(reverse(f"{name}_change", args=[model._default_manager.first().pk]), {}).status_code == 403


def test_the_admin_is_not_for_everybody(owner: User) -> None:
    client = Client()
    client.force_login(owner)
    assert client.get(reverse("admin:searchapp_search_changelist")).status_code == 302


def test_not_even_the_hash_of_a_token_is_shown(staff: Client) -> None:
    row = models.ApiToken.objects.get()
    page = staff.get(reverse("admin:searchapp_apitoken_change", args=[row.pk])).content.decode()
    assert row.prefix in page
    assert row.digest not in page
