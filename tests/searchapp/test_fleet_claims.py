"""Which child a worker takes: fair between people and searches, within a queue's limit, and exactly once."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from searchapp import leases, results, services
from searchapp.models import Candidate, CandidateStatus, Purpose, Queue, Search, Trial, Worker
from searchapp.reaper import reap
from searchapp.trials import claims
from searchapp.workers import presence
from searchapp.workers.child import ChildWorker
from tests.searchapp.conftest import Broker, QuickTrainer, result_of
from tests.searchapp.rows import propose
from tests.searchapp.test_claims import in_threads

pytestmark = pytest.mark.django_db
commits = pytest.mark.django_db(transaction=True)
MakeSearch = Callable[..., Search]
TRAIN = "searchapp.tasks.train_child"


def take(candidate: Candidate, worker_name: str) -> Candidate | None:
    claimed = leases.claim_next(candidate_id=candidate.pk, worker_name=worker_name)
    return claimed and Candidate.objects.get(pk=claimed.candidate_id)


@pytest.fixture
def theirs_too(make_search: MakeSearch, stranger: User, config: dict[str, object]) -> Callable[[], Search]:
    return lambda: services.create_search(owner=stranger, name="theirs", config=config)


def test_a_message_takes_the_search_with_the_fewest_children_in_training(make_search: MakeSearch) -> None:
    first, second = propose(make_search(), 3), propose(make_search(), 3)
    taken = [take(first[0], f"w{n}") for n in range(4)]
    assert taken == [first[0], second[0], first[1], second[1]]


def test_people_come_before_searches(make_search: MakeSearch, theirs_too: Callable[[], Search]) -> None:
    mine, also_mine, theirs = propose(make_search(), 2), propose(make_search(), 2), propose(theirs_too(), 3)
    taken = [take(mine[0], f"w{n}") for n in range(6)]
    assert taken == [mine[0], theirs[0], also_mine[0], theirs[1], mine[1], theirs[2]]


@commits
def test_workers_that_claim_at_once_take_each_candidate_once(make_search: MakeSearch) -> None:
    rows = propose(make_search(), 3) + propose(make_search(), 3)
    taken = in_threads(8, lambda n: take(rows[0], f"w{n}"))
    pks = [row.pk for row in taken if isinstance(row, Candidate)]
    assert sorted(pks) == sorted(row.pk for row in rows)  # two of the eight found nothing left
    assert set(Candidate.objects.values_list("attempt", flat=True)) == {1}


@commits
def test_the_limit_holds_between_workers_that_claim_at_once(
    make_search: MakeSearch, theirs_too: Callable[[], Search]
) -> None:
    mine, theirs = propose(make_search(), 5), propose(theirs_too(), 2)
    Queue.objects.update(limit_per_user=2)
    taken = in_threads(8, lambda n: take(mine[n % 5], f"w{n}"))
    indexes = [row.search_id for row in taken if isinstance(row, Candidate)]
    assert indexes.count(mine[0].search_id) == 2
    assert indexes.count(theirs[0].search_id) == 2


@commits
def test_the_end_of_a_child_under_a_limit_sends_for_the_next_one(make_search: MakeSearch, broker: Broker) -> None:
    rows = propose(make_search(), 2)
    Queue.objects.update(limit_per_user=1)
    presence.register("a", rows[0].search.queue, "cpu")
    during: list[Candidate | None] = []
    worker = ChildWorker("a", QuickTrainer(lambda job: during.append(take(rows[1], "b"))))
    broker.messages.clear()
    worker.train(rows[0].pk)
    assert during == [None]  # its message is gone
    assert broker.sent(TRAIN) == [rows[1].pk]
    worker.train(rows[1].pk)
    assert Candidate.objects.filter(status=CandidateStatus.FINISHED).count() == 2
    assert broker.sent(TRAIN) == [rows[1].pk]  # nothing waits any more


def test_trials_count_towards_the_limit_and_are_taken_in_turn(make_search: MakeSearch) -> None:
    search = make_search()
    rows = propose(search, 2)
    trials = [
        Trial.objects.create(search=search, purpose=Purpose.PATHS, candidate=row, text="g", key=f"k{row.index}")
        for row in rows
    ]
    claimed = claims.claim_next(trial_id=trials[1].pk, worker_name="a")
    assert claimed is not None
    assert claimed.trial_id == trials[0].pk
    Queue.objects.update(limit_per_user=1)
    assert claims.claim_next(trial_id=trials[1].pk, worker_name="b") is None
    assert take(rows[0], "b") is None


@commits
def test_nothing_starts_on_a_paused_queue_but_what_trains_counts(make_search: MakeSearch, broker: Broker) -> None:
    first, second = propose(make_search(), 2)
    claimed = leases.claim_next(candidate_id=first.pk, worker_name="a")
    assert claimed is not None
    Queue.objects.update(paused=True)
    presence.register("b", second.search.queue, "cpu")
    assert take(second, "b") is None
    assert leases.claim(candidate_id=second.pk, worker_name="b") is None
    assert leases.renew(claimed)
    assert results.record_result(candidate_id=first.pk, attempt=claimed.attempt, result=result_of("g"))
    Candidate.objects.update(sent_at=None)
    broker.messages.clear()
    assert reap()["sent_again"] == 0
    Queue.objects.update(paused=False)
    assert reap()["sent_again"] == 1  # its message was thrown away
    assert broker.sent(TRAIN) == [second.pk]
    assert take(second, "b") == second


@pytest.mark.parametrize("asked", [{"draining": True}, {"retired": True}, {"refused": "Of another version."}])
def test_a_worker_that_is_asked_to_end_takes_nothing(make_search: MakeSearch, asked: dict[str, object]) -> None:
    row = propose(make_search(), 1)[0]
    presence.register("a", row.search.queue, "cpu")
    Worker.objects.update(**asked)
    assert take(row, "a") is None
    assert take(row, "b") == row


def test_a_worker_takes_from_its_own_queue_whatever_message_it_was_sent(make_search: MakeSearch) -> None:
    here, there = propose(make_search(), 1)[0], propose(make_search(), 1)[0]
    gpu = Queue.objects.create(name="gpu")
    Search.objects.filter(pk=there.search_id).update(queue=gpu)
    presence.register("moved", gpu, "cpu")
    assert take(here, "moved") == there
    assert take(here, "moved") is None


def test_a_candidate_whose_lease_ran_out_is_claimed_by_its_message(make_search: MakeSearch) -> None:
    row = propose(make_search(), 1)[0]
    assert take(row, "a") == row
    assert take(row, "b") is None
    Candidate.objects.update(lease_until=timezone.now())
    assert take(row, "b") == row
    row.refresh_from_db()
    assert (row.attempt, row.worker_name) == (2, "b")


def test_a_turn_asks_as_many_queries_for_many_searches_as_for_one(make_search: MakeSearch) -> None:
    counts = []
    for _ in range(3):
        row = propose(make_search(), 3)[0]
        with CaptureQueriesContext(connection) as queries:
            assert take(row, "a") is not None
        counts.append(len(queries))
    assert len(set(counts)) == 1
