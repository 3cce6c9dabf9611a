"""A candidate is trained by one worker at a time and counts once, whatever messages and workers do."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from searchapp import leases, results, services
from searchapp.leases import Claim, claim, renew
from searchapp.models import Candidate, CandidateStatus, ChildRun, Search, Worker
from searchapp.results import MOST_LOSSES
from searchapp.workers import presence
from tests.searchapp.conftest import Broker, result_of
from tests.searchapp.rows import propose

pytestmark = pytest.mark.django_db
commits = pytest.mark.django_db(transaction=True)  # threads see what is committed; messages go out on commit
MakeSearch = Callable[..., Search]


@pytest.fixture
def candidate(make_search: MakeSearch) -> Candidate:
    return propose(make_search(), 1)[0]


def expire(candidate: Candidate) -> None:
    Candidate.objects.filter(pk=candidate.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def take(candidate: Candidate, worker_name: str = "worker-1") -> Claim:
    claimed = claim(candidate_id=candidate.pk, worker_name=worker_name)
    assert claimed is not None
    return claimed


def in_threads(count: int, work: Callable[[int], object]) -> list[object]:
    """Run `work(0)` ... at the same moment, each with a database connection of its own."""
    barrier, answers = threading.Barrier(count), list[object]()

    def run(number: int) -> None:
        barrier.wait()
        try:
            answers.append(work(number))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == count
    return answers


@commits
def test_of_many_workers_that_claim_at_once_one_gets_the_candidate(candidate: Candidate) -> None:
    claims = in_threads(6, lambda n: claim(candidate_id=candidate.pk, worker_name=f"worker-{n}"))
    assert sum(c is not None for c in claims) == 1
    candidate.refresh_from_db()
    assert (candidate.status, candidate.attempt) == (CandidateStatus.TRAINING, 1)


@commits
def test_of_many_workers_that_claim_after_the_lease_ran_out_one_gets_it(candidate: Candidate) -> None:
    take(candidate)
    expire(candidate)
    claims = in_threads(6, lambda n: claim(candidate_id=candidate.pk, worker_name=f"worker-{n}"))
    assert sum(c is not None for c in claims) == 1
    candidate.refresh_from_db()
    assert candidate.attempt == 2


def test_a_message_that_comes_twice_starts_nothing_twice(candidate: Candidate) -> None:
    take(candidate)
    assert claim(candidate_id=candidate.pk, worker_name="worker-2") is None
    assert claim(candidate_id=candidate.pk, worker_name="worker-1") is None


def test_a_message_about_a_candidate_that_is_gone_is_harmless(candidate: Candidate) -> None:
    candidate.search.delete()
    assert claim(candidate_id=candidate.pk, worker_name="worker-1") is None


@commits
def test_a_result_is_counted_once_with_its_runs_and_its_event(candidate: Candidate) -> None:
    mine = take(candidate)
    result = result_of("g", 0.5)
    recorded = {"candidate_id": candidate.pk, "attempt": mine.attempt, "result": result}
    answers = in_threads(4, lambda _: results.record_result(**recorded))
    assert sorted(answers) == [False, False, False, True]
    search = Search.objects.get(pk=candidate.search_id)
    assert (search.candidates_done, search.best_candidate) == (1, candidate)
    assert ChildRun.objects.filter(candidate=candidate).count() == 2
    assert search.events.filter(kind="candidate.finished").count() == 1


def test_a_result_of_an_old_attempt_is_thrown_away(candidate: Candidate) -> None:
    old = take(candidate)
    expire(candidate)
    new = take(candidate, "worker-2")
    assert not results.record_result(candidate_id=candidate.pk, attempt=old.attempt, result=result_of("g", 0.9))
    assert results.record_result(candidate_id=candidate.pk, attempt=new.attempt, result=result_of("g", 0.4))
    candidate.refresh_from_db()
    assert (candidate.reward, candidate.attempt) == (0.4, 2)
    assert not results.fail(candidate_id=candidate.pk, attempt=new.attempt, reason="too late")
    assert not results.give_back(candidate_id=candidate.pk, attempt=new.attempt)


def test_a_lease_is_renewed_while_it_is_mine_and_the_search_goes_on(candidate: Candidate) -> None:
    mine = take(candidate)
    expire(candidate)
    assert renew(mine)
    candidate.refresh_from_db()
    assert candidate.lease_until is not None
    assert candidate.lease_until > timezone.now() + timedelta(seconds=20)
    assert not leases.expired().exists()
    services.pause_search(search=candidate.search)
    assert renew(mine)  # a child in training finishes
    services.stop_search(search=candidate.search)
    assert not renew(mine)


@commits
def test_a_lost_worker_gives_its_candidate_back_and_the_third_loss_fails_it(
    candidate: Candidate, broker: Broker
) -> None:
    for loss in range(1, MOST_LOSSES + 1):
        take(candidate, f"worker-{loss}")
        expire(candidate)
        broker.messages.clear()
        assert leases.give_back_expired() == 1
        candidate.refresh_from_db()
        if loss < MOST_LOSSES:
            assert candidate.status == CandidateStatus.QUEUED
            assert broker.sent("searchapp.tasks.train_child") == [candidate.pk]
    assert (candidate.status, candidate.reward) == (CandidateStatus.FAILED, None)
    assert "after 3 attempts" in candidate.reason
    assert Search.objects.get(pk=candidate.search_id).candidates_done == 1


def test_a_worker_that_ends_in_good_order_gives_back_without_a_loss(candidate: Candidate) -> None:
    for _ in range(MOST_LOSSES + 1):
        mine = take(candidate)
        assert results.give_back(candidate_id=candidate.pk, attempt=mine.attempt)
    candidate.refresh_from_db()
    assert (candidate.status, candidate.losses, candidate.attempt) == (CandidateStatus.QUEUED, 0, MOST_LOSSES + 1)


def test_a_lease_that_was_renewed_in_time_is_not_taken_away(candidate: Candidate) -> None:
    mine = take(candidate)
    assert not results.give_back(candidate_id=candidate.pk, attempt=mine.attempt, lost="late", if_expired=True)
    candidate.refresh_from_db()
    assert candidate.status == CandidateStatus.TRAINING


@commits
def test_a_worker_that_starts_again_gives_back_what_it_held_before(candidate: Candidate, broker: Broker) -> None:
    take(candidate, "worker-1")
    assert leases.give_back_of("worker-2") == 0
    broker.messages.clear()
    assert leases.give_back_of("worker-1") == 1
    assert broker.messages == [("searchapp.tasks.train_child", candidate.pk)]


def test_what_a_lost_worker_held_in_a_stopped_search_is_cancelled(candidate: Candidate) -> None:
    take(candidate)
    services.stop_search(search=candidate.search)
    expire(candidate)
    assert leases.give_back_expired() == 1
    candidate.refresh_from_db()
    assert candidate.status == CandidateStatus.CANCELLED


def test_nothing_starts_in_a_paused_search_but_what_trains_is_recorded(make_search: MakeSearch) -> None:
    search = make_search()
    first, second = propose(search, 2)
    mine = take(first)
    services.pause_search(search=search)
    assert claim(candidate_id=second.pk, worker_name="worker-2") is None
    assert results.record_result(candidate_id=first.pk, attempt=mine.attempt, result=result_of("g"))
    assert Search.objects.get(pk=search.pk).candidates_done == 1


def test_losses_and_infinite_values_are_stored_as_no_value(candidate: Candidate) -> None:
    from engine.children.results import ChildResult, EpochPoint, RunRecord

    mine = take(candidate)
    run = RunRecord("sweep", 10.0, "diverged", "The loss was not finite.", 0.1, (EpochPoint(1, float("nan"), 0.1),))
    result = ChildResult(0.0, "diverged", "No learning rate worked.", None, (run,), 0.1)
    assert results.record_result(candidate_id=candidate.pk, attempt=mine.attempt, result=result)
    stored = ChildRun.objects.get(candidate=candidate)
    assert stored.curve == [{"epoch": 1, "train_loss": None, "validation_accuracy": 0.1}]


def test_the_best_candidate_does_not_depend_on_who_was_first(make_search: MakeSearch) -> None:
    bests = []
    for order in ((0, 1, 2), (2, 1, 0), (1, 2, 0)):
        search = make_search()
        rows = propose(search, 3)
        for k in order:
            mine = take(rows[k])
            reward = 0.25 if k == 0 else 0.75  # 1 and 2 are equal: the simpler one is the best
            results.record_result(candidate_id=rows[k].pk, attempt=mine.attempt, result=result_of("g", reward))
        best = Search.objects.get(pk=search.pk).best_candidate
        assert best is not None
        bests.append(best.index)
    assert bests == [1, 1, 1]


def test_a_worker_is_live_for_fifteen_seconds_after_it_was_seen(candidate: Candidate) -> None:
    from searchapp.selectors import live_workers

    queue = candidate.search.queue
    presence.register("worker-1", queue, "cpu")
    assert live_workers(queue).count() == 1
    Worker.objects.update(seen_at=timezone.now() - timedelta(seconds=16))
    assert live_workers(queue).count() == 0
    presence.seen("worker-1", queue, "cpu")
    assert live_workers(queue).count() == 1
    presence.leave("worker-1")
    assert not Worker.objects.exists()
    presence.seen("worker-1", queue, "cpu")  # somebody deleted the row of a worker that lives
    assert Worker.objects.filter(name="worker-1").exists()
