"""/readyz says whether people may be sent here, what is missing, and nothing else."""

from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.test import Client

from nosweb import health
from searchapp import control_pass

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_pass() -> Iterator[None]:
    """Each test begins without a pass, and without what an earlier one found out."""
    _forget()
    yield
    _forget()


def _forget() -> None:
    health._migrated.clear()
    with control_pass.client() as server:
        server.delete(control_pass._key("control-pass"))


def _noted_before(seconds: float) -> None:
    with control_pass.client() as server:
        server.set(control_pass._key("control-pass"), control_pass._now(server) - seconds)


def test_ready_once_a_control_worker_made_a_pass(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["ready"] is False
    assert list(answer.json()["missing"]) == ["control worker"]
    control_pass.note()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "missing": {}})


@pytest.mark.parametrize(("seconds", "status"), [(control_pass.LATELY - 5, 200), (control_pass.LATELY + 5, 503)])
def test_a_control_worker_that_is_silent_counts_as_missing(client: Client, seconds: float, status: int) -> None:
    _noted_before(seconds)
    answer = client.get("/readyz")
    assert answer.status_code == status
    assert ("control worker" in answer.json()["missing"]) == (status == 503)


def test_a_lost_redis_is_told_without_its_address(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as lost:
        lost.setattr(settings, "REDIS_URL", "redis://:secret-word@127.0.0.1:1/0")
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert set(answer.json()["missing"]) == {"redis", "control worker"}
    assert b"secret-word" not in answer.content
    assert b"127.0.0.1" not in answer.content


def test_migrations_that_wait_are_counted(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    control_pass.note()
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda *_: [("a", False), ("b", False)])
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["missing"] == {"migrations": "2 not applied: run `python manage.py migrate`"}


def test_no_service_of_the_compose_file_waits_for_one_that_waits_for_it() -> None:
    """The web server is ready once a control worker is there, so that one must not wait for a ready web server."""
    file = Path(__file__).parent.parent.parent / "docker-compose.yml"
    services = yaml.safe_load(file.read_text())["services"]
    assert "/readyz" in str(services["web"]["healthcheck"])
    waits = {name: {*service.get("depends_on", {})} for name, service in services.items()}
    waits["web"].add("control")  # by way of /readyz
    list(TopologicalSorter(waits).static_order())  # raises CycleError
