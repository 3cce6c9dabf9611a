"""A child worker: every way in which a training can end, and a shutdown that loses nothing."""

import threading
import time
from collections.abc import Callable

import pytest
from django.db import OperationalError, connection

from engine.children.messages import ChildJob
from engine.children.results import ChildResult
from engine.errors import ChildError, ChildStopped, MachineError, TrainerDied
from searchapp import leases, results, services
from searchapp.configs import search_config
from searchapp.models import Candidate, CandidateStatus, Search, Worker
from searchapp.tasks.children import train_child
from searchapp.workers import child, presence
from searchapp.workers.child import ChildWorker
from searchapp.workers.heartbeat import Heartbeat
from tests.searchapp.conftest import QuickTrainer, result_of
from tests.searchapp.rows import propose

pytestmark = pytest.mark.django_db(transaction=True)
MakeSearch = Callable[..., Search]


class StoppableTrainer(QuickTrainer):
    """Trains until it is told to stop, as a long child would."""

    def train(
        self, job: ChildJob, on_event: object = None, should_stop: Callable[[], bool] | None = None
    ) -> ChildResult:
        self.during(job)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if should_stop and should_stop():
                raise ChildStopped("Training was stopped.")
            time.sleep(0.01)
        return result_of(str(job.rule))


def raises(error: Exception) -> Callable[[ChildJob], object]:
    def during(job: ChildJob) -> None:
        raise error

    return during


@pytest.fixture
def candidate(make_search: MakeSearch) -> Candidate:
    return propose(make_search(), 1)[0]


def after(candidate: Candidate) -> Candidate:
    candidate.refresh_from_db()
    return candidate


def test_a_child_is_trained_with_the_searchs_settings_and_recorded(candidate: Candidate) -> None:
    trainer = QuickTrainer()
    worker = ChildWorker("worker-1", trainer)
    assert worker.train(candidate.pk) == "recorded"
    job = trainer.jobs[0]
    assert (job.rule, job.child.network) == ("g", "softmax")
    assert job.seed == search_config(candidate.search).child_seed(candidate.fingerprint)
    assert after(candidate).status == CandidateStatus.FINISHED
    assert worker.train(candidate.pk) == "nothing to do"  # the same message again
    assert len(trainer.jobs) == 1


def test_the_workers_row_names_the_candidate_while_it_trains(candidate: Candidate) -> None:
    presence.register("worker-1", candidate.search.queue, "cpu")
    seen = list[int | None]()
    trainer = QuickTrainer(lambda job: seen.append(Worker.objects.get(name="worker-1").candidate_id))
    ChildWorker("worker-1", trainer).train(candidate.pk)
    assert seen == [candidate.pk]
    assert Worker.objects.get(name="worker-1").candidate_id is None


def test_a_child_that_cannot_be_trained_fails_with_the_sentence(candidate: Candidate) -> None:
    worker = ChildWorker("worker-1", QuickTrainer(raises(ChildError("CIFAR-10 is not here."))))
    assert worker.train(candidate.pk) == "failed"
    assert (after(candidate).status, candidate.reason, candidate.reward) == ("failed", "CIFAR-10 is not here.", None)
    assert Search.objects.get(pk=candidate.search_id).candidates_done == 1


def test_a_trainer_that_dies_three_times_fails_the_candidate_and_not_the_worker(candidate: Candidate) -> None:
    worker = ChildWorker("worker-1", QuickTrainer(raises(TrainerDied("The trainer ended with signal 9."))))
    assert [worker.train(candidate.pk) for _ in range(3)] == ["trainer died"] * 3
    assert after(candidate).status == CandidateStatus.FAILED
    assert "signal 9" in candidate.reason


def test_the_lease_is_renewed_while_the_child_trains(candidate: Candidate) -> None:
    leases_seen = list[object]()

    def during(job: ChildJob) -> None:
        for _ in range(2):
            leases_seen.append(Candidate.objects.get(pk=candidate.pk).lease_until)
            time.sleep(0.3)

    ChildWorker("worker-1", QuickTrainer(during), renew_every=0.05).train(candidate.pk)
    assert leases_seen[1] > leases_seen[0]  # type: ignore[operator]


def test_a_stopped_search_stops_its_child_at_the_next_heartbeat(candidate: Candidate) -> None:
    trainer = StoppableTrainer(lambda job: services.stop_search(search=candidate.search))
    assert ChildWorker("worker-1", trainer, renew_every=0.05).train(candidate.pk) == "given back"
    assert after(candidate).status == CandidateStatus.CANCELLED


def test_a_child_in_training_finishes_in_a_paused_search_and_counts(candidate: Candidate) -> None:
    trainer = QuickTrainer(lambda job: services.pause_search(search=candidate.search))
    assert ChildWorker("worker-1", trainer).train(candidate.pk) == "recorded"
    assert Search.objects.get(pk=candidate.search_id).candidates_done == 1


def test_a_worker_that_lost_its_claim_stops_and_writes_nothing(candidate: Candidate) -> None:
    def lose(job: ChildJob) -> None:
        Candidate.objects.filter(pk=candidate.pk).update(lease_until="2000-01-01T00:00Z")
        assert leases.claim(candidate_id=candidate.pk, worker_name="worker-2") is not None

    worker = ChildWorker("worker-1", StoppableTrainer(lose), renew_every=0.05)
    assert "thrown away" in worker.train(candidate.pk)
    assert (after(candidate).status, candidate.worker_name, candidate.attempt) == ("training", "worker-2", 2)


def test_a_worker_told_to_end_gives_its_candidate_back_and_takes_no_more(
    candidate: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "GRACE_SECONDS", 0.05)
    trainer = StoppableTrainer()
    worker = ChildWorker("worker-1", trainer)
    trainer.during = lambda job: worker.end_soon()
    assert worker.train(candidate.pk) == "given back"
    assert (after(candidate).status, candidate.losses) == (CandidateStatus.QUEUED, 0)
    assert worker.train(candidate.pk) == "nothing to do"


def test_a_child_that_is_nearly_done_finishes_when_its_worker_is_told_to_end(candidate: Candidate) -> None:
    trainer = QuickTrainer()
    worker = ChildWorker("worker-1", trainer)
    trainer.during = lambda job: worker.end_soon()
    assert worker.train(candidate.pk) == "recorded"


def test_a_result_waits_for_a_database_that_is_away(candidate: Candidate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "WRITE_AGAIN", (0.01, 0.01))
    record, failures = results.record_result, [OperationalError("gone"), OperationalError("still gone")]

    def record_later(**arguments: object) -> bool:
        if failures:
            raise failures.pop()
        return record(**arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(results, "record_result", record_later)
    assert ChildWorker("worker-1", QuickTrainer()).train(candidate.pk) == "recorded"
    assert after(candidate).status == CandidateStatus.FINISHED


def test_the_task_trains_with_the_worker_of_its_process(candidate: Candidate, worker: ChildWorker) -> None:
    child.install(worker)
    assert train_child(candidate.pk) == "recorded"
    child._installed.clear()
    with pytest.raises(RuntimeError, match=r"manage.py worker --queue default"):
        train_child(candidate.pk)


def test_a_heartbeat_goes_on_while_the_database_is_away_and_ends_when_told() -> None:
    beats, enough = list[int](), threading.Event()

    def beat() -> bool:
        beats.append(len(beats))
        if len(beats) == 1:
            raise OperationalError("gone")
        enough.set()
        return len(beats) < 3

    with Heartbeat(beat, 0.01, "test") as heartbeat:
        assert enough.wait(5)
        while not heartbeat.has_stopped:
            time.sleep(0.01)
    assert len(beats) == 3
    connection.close()


def test_a_machine_that_lacks_what_every_child_needs_pauses_the_search_and_loses_nothing(candidate: Candidate) -> None:
    trainer = QuickTrainer(raises(MachineError("CIFAR-10 is not on this machine.")))
    assert ChildWorker("a", trainer).train(candidate.pk) == "paused"
    search = Search.objects.get(pk=candidate.search_id)
    assert search.status == "paused"
    assert "CIFAR-10 is not on this machine" in search.reason
    assert after(candidate).status == CandidateStatus.QUEUED
    services.resume_search(search=search)
    assert ChildWorker("a", QuickTrainer()).train(candidate.pk) == "recorded"
