"""What staff may ask of queues and workers, what the workers make of it, and workers of another version."""

import sys
import types
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError
from django.utils import timezone

from searchapp import leases
from searchapp.fleet import machine, queues, workers
from searchapp.fleet.errors import FleetError
from searchapp.models import AuditEntry, Candidate, CandidateStatus, Queue, Search, Worker
from searchapp.reaper import reap
from searchapp.version import VERSION, fits
from searchapp.workers import presence
from searchapp.workers.child import ChildWorker
from searchapp.workers.orders import Orders
from tests.searchapp.conftest import Broker, QuickTrainer
from tests.searchapp.rows import propose

pytestmark = pytest.mark.django_db(transaction=True)
MakeSearch = Callable[..., Search]
TRAIN = "searchapp.tasks.train_child"


@pytest.fixture
def staff(db: None) -> User:
    return User.objects.create_user("boss", is_staff=True)


@pytest.fixture
def rows(make_search: MakeSearch) -> list[Candidate]:
    return propose(make_search(), 3)


class Station:
    """A worker process without Celery: what it was told to serve, and whether it was told to end."""

    def __init__(self, queue: Queue, trainer: QuickTrainer | None = None) -> None:
        self.served: list[tuple[str, str]] = []
        self.ends = 0
        self.worker = ChildWorker("w", trainer or QuickTrainer())
        presence.register("w", queue, "cpu")
        self.orders = Orders(self.worker, queue, "cpu", lambda *names: self.served.append(names), self._end)

    def _end(self) -> None:
        self.ends += 1

    @property
    def row(self) -> Worker:
        return Worker.objects.get(name="w")


def audited() -> list[str]:
    return [entry.action for entry in AuditEntry.objects.filter(who="boss").order_by("id")]


def test_a_drained_worker_finishes_its_child_takes_no_more_and_ends(rows: list[Candidate], staff: User) -> None:
    seen: list[int] = []

    def during(job: object) -> None:
        workers.drain_worker(user=staff, worker=station.row)
        station.orders.look()
        seen.append(station.ends)

    station = Station(rows[0].search.queue, QuickTrainer(during))
    assert station.worker.train(rows[0].pk) == "recorded"
    assert seen == [0]  # not while it trains
    assert station.worker.train(rows[1].pk) == "nothing to do"
    station.orders.look()
    station.orders.look()
    assert station.ends == 1
    assert "is drained" in station.orders.dismissed
    assert audited() == ["worker.drained"]
    with pytest.raises(FleetError, match="draining already"):
        workers.drain_worker(user=staff, worker=station.row)


def test_a_moved_worker_serves_the_other_queue(rows: list[Candidate], staff: User) -> None:
    station, gpu = Station(rows[0].search.queue), Queue.objects.create(name="gpu")
    workers.move_worker(user=staff, worker=station.row, queue=gpu)
    station.orders.look()
    station.orders.look()
    assert station.served == [("default", "gpu")]
    assert station.worker.train(rows[0].pk) == "nothing to do"
    Worker.objects.all().delete()
    station.orders.look()
    assert station.row.queue == gpu  # a row that somebody deleted comes back as it was
    with pytest.raises(FleetError, match="on queue gpu already"):
        workers.move_worker(user=staff, worker=station.row, queue=gpu)


def test_what_a_retired_worker_held_goes_back_at_once_and_the_worker_ends(
    rows: list[Candidate], staff: User, broker: Broker
) -> None:
    station = Station(rows[0].search.queue)
    claimed = leases.claim_next(candidate_id=rows[0].pk, worker_name="w")
    assert claimed is not None
    broker.messages.clear()
    assert workers.retire_worker(user=staff, worker=station.row) == 1
    assert broker.sent(TRAIN) == [rows[0].pk]
    rows[0].refresh_from_db()
    assert (rows[0].status, rows[0].losses) == (CandidateStatus.QUEUED, 0)
    assert not leases.renew(claimed)
    assert leases.claim_next(candidate_id=rows[0].pk, worker_name="w") is None
    station.orders.look()
    assert station.ends == 1
    assert "was retired" in station.orders.dismissed
    presence.leave("w")
    assert not Worker.objects.exists()


def test_the_row_of_a_stale_worker_is_removed(rows: list[Candidate], staff: User) -> None:
    presence.register("w", rows[0].search.queue, "cpu")
    Worker.objects.update(seen_at=timezone.now() - timedelta(minutes=1))
    with pytest.raises(FleetError, match="not live"):
        workers.drain_worker(user=staff, worker=Worker.objects.get())
    workers.retire_worker(user=staff, worker=Worker.objects.get())
    assert not Worker.objects.exists()
    assert audited() == ["worker.retired"]


def test_a_cancelled_child_fails_and_can_be_trained_again(rows: list[Candidate], staff: User) -> None:
    claimed = leases.claim_next(candidate_id=rows[0].pk, worker_name="w")
    assert claimed is not None
    child = Candidate.objects.get(pk=claimed.candidate_id)
    workers.cancel_child(user=staff, child=child)
    child.refresh_from_db()
    assert (child.status, child.reason) == (CandidateStatus.FAILED, "Cancelled by boss while it trained.")
    assert not leases.renew(claimed)
    with pytest.raises(FleetError, match="does not train any more"):
        workers.cancel_child(user=staff, child=child)
    requeued = queues.requeue_failed(user=staff, queue=child.search.queue)
    assert (requeued.searches, requeued.children) == (1, 1)
    child.refresh_from_db()
    assert child.status == CandidateStatus.QUEUED
    with pytest.raises(FleetError, match="No child or trial on queue default failed"):
        queues.requeue_failed(user=staff, queue=child.search.queue)
    assert audited() == ["child.cancelled", "queue.requeued"]


def test_a_queue_that_goes_on_sends_what_waits(rows: list[Candidate], staff: User, broker: Broker) -> None:
    queue = rows[0].search.queue
    queues.pause_queue(user=staff, queue=queue)
    with pytest.raises(FleetError, match="paused already"):
        queues.pause_queue(user=staff, queue=queue)
    broker.messages.clear()
    queues.resume_queue(user=staff, queue=queue)
    assert broker.sent(TRAIN) == [row.pk for row in rows]
    assert audited() == ["queue.paused", "queue.resumed"]


def test_a_limit_is_set_lifted_and_checked(rows: list[Candidate], staff: User) -> None:
    queue = rows[0].search.queue
    queues.limit_queue(user=staff, queue=queue, limit=3)
    queues.limit_queue(user=staff, queue=queue, limit=3)
    queues.limit_queue(user=staff, queue=queue, limit=None)
    for wrong in (0, -1, 40000):
        with pytest.raises(FleetError, match="1 to 32,767"):
            queues.limit_queue(user=staff, queue=queue, limit=wrong)
    details = AuditEntry.objects.filter(action="queue.limited").order_by("id").values_list("details", flat=True)
    assert list(details) == [{"limit": 3, "before": None}, {"limit": None, "before": 3}]


# --- versions ---


@pytest.mark.parametrize(
    ("version", "server", "answer"),
    [("1.4.0", "1.4.9", True), ("1.3.9", "1.4.0", False), ("2.4.0", "1.4.0", False), ("", "1.4.0", False)],
)
def test_major_and_minor_number_decide(version: str, server: str, answer: bool) -> None:
    assert fits(version, server) is answer


def test_the_version_stands_in_the_project_file_too() -> None:
    import tomllib
    from pathlib import Path

    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    assert project["project"]["version"] == VERSION


def test_a_worker_of_another_version_is_refused_with_a_sentence(rows: list[Candidate]) -> None:
    station = Station(rows[0].search.queue)
    assert not station.row.refused
    reap()
    assert not station.row.refused
    Worker.objects.update(version="0.0.7", host="far")
    claimed = leases.claim_next(candidate_id=rows[0].pk, worker_name="w")
    assert claimed is not None
    assert reap()["taken_from_workers"] == 1
    assert not leases.renew(claimed)
    station.orders.look()
    assert station.ends == 1
    assert station.orders.dismissed == (
        f"Worker w runs version 0.0.7, the server {VERSION}: install {VERSION} on far and start the worker again."
    )
    presence.leave("w")
    assert station.row.refused  # the page says why it is gone
    presence.register("w", rows[0].search.queue, "cpu")
    reap()
    assert not station.row.refused


def test_the_terminal_says_why_a_worker_was_dismissed(
    rows: list[Candidate], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from django.core.management import call_command

    from searchapp.supervision import programs
    from searchapp.workers import run

    def refused(*_: object) -> int:
        raise run.Dismissed("Worker w runs version 0.0.7.")

    monkeypatch.setattr(run, "run_children", refused)
    with pytest.raises((SystemExit, CommandError)) as ended:
        call_command("worker")
    assert ended.value.code == run.DISMISSED == programs.DISMISSED  # type: ignore[union-attr]
    assert "runs version 0.0.7" in capsys.readouterr().err


# --- the machine ---


def test_the_machine_is_read_without_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)
    for device in ("cpu", "auto", "cuda:3"):
        use = machine.use(device)
        assert use["memory_total"] > use["memory_used"] > 0
        assert use["own_memory"] > 0
        assert "gpu" not in use


def test_the_gpu_is_the_one_that_the_process_sees(monkeypatch: pytest.MonkeyPatch) -> None:
    nvml = types.SimpleNamespace(
        nvmlInit=lambda: None,
        nvmlShutdown=lambda: None,
        nvmlDeviceGetHandleByIndex=lambda index: index,
        nvmlDeviceGetHandleByUUID=lambda name: name,
        nvmlDeviceGetName=lambda handle: f"GPU {handle}".encode(),
        nvmlDeviceGetMemoryInfo=lambda handle: types.SimpleNamespace(used=3 * 2**30, total=80 * 2**30),
        nvmlDeviceGetUtilizationRates=lambda handle: types.SimpleNamespace(gpu=41),
    )
    monkeypatch.setitem(sys.modules, "pynvml", nvml)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert machine.use("cuda:1")["gpu"] == {"name": "GPU 1", "busy": 41, "memory_used": 3072, "memory_total": 81920}
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,GPU-8f")
    assert machine.use("auto")["gpu"]["name"] == "GPU 2"
    assert machine.use("cuda:1")["gpu"]["name"] == "GPU GPU-8f"
    assert "gpu" not in machine.use("cuda:5")
