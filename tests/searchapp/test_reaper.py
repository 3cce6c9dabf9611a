"""What died or got lost is mended: leases that ran out, messages that never arrived, searches that sit still."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from searchapp.leases import claim
from searchapp.models import Candidate, CandidateStatus, Round, RoundStatus, Search
from searchapp.progress import Step, next_step
from searchapp.reaper import RESEND_AFTER, reap
from searchapp.workers import presence
from tests.searchapp.conftest import Broker
from tests.searchapp.rows import propose

pytestmark = pytest.mark.django_db(transaction=True)
MakeSearch = Callable[..., Search]
TRAIN, ADVANCE = "searchapp.tasks.train_child", "searchapp.tasks.advance_search"


@pytest.fixture
def waiting(make_search: MakeSearch, broker: Broker) -> Candidate:
    """A candidate whose message is gone, in a search that waits for it alone."""
    search = make_search(budget=1)
    candidate = propose(search, 1)[0]
    broker.messages.clear()
    return candidate


def sent_long_ago(candidate: Candidate) -> None:
    Candidate.objects.filter(pk=candidate.pk).update(sent_at=timezone.now() - RESEND_AFTER - timedelta(seconds=1))


def test_a_message_that_was_never_sent_is_sent(waiting: Candidate, broker: Broker) -> None:
    Candidate.objects.filter(pk=waiting.pk).update(sent_at=None)
    assert reap()["sent_again"] == 1
    assert broker.sent(TRAIN) == [waiting.pk]
    assert reap()["sent_again"] == 0


def test_a_message_is_sent_again_when_a_worker_is_idle_and_yet_nobody_took_it(
    waiting: Candidate, broker: Broker
) -> None:
    sent_long_ago(waiting)
    assert reap()["sent_again"] == 0  # nobody is there: it waits in the queue
    presence.register("worker-1", waiting.search.queue, "cpu")
    assert reap()["sent_again"] == 1
    assert broker.sent(TRAIN) == [waiting.pk]


def test_a_message_is_not_sent_again_while_all_workers_are_busy(waiting: Candidate, make_search: MakeSearch) -> None:
    other = propose(make_search(budget=1), 1)[0]
    presence.register("worker-1", waiting.search.queue, "cpu")
    assert claim(candidate_id=other.pk, worker_name="worker-1") is not None
    sent_long_ago(waiting)
    assert reap()["sent_again"] == 0


def test_duplicates_and_candidates_of_paused_searches_are_never_sent(waiting: Candidate, broker: Broker) -> None:
    duplicate = propose(waiting.search, 0) or Candidate.objects.create(
        search=waiting.search, round=waiting.round, index=9, tokens=[], text="g", fingerprint="f", complexity=1,
        duplicate_of=waiting,
    )  # fmt: skip
    presence.register("worker-1", waiting.search.queue, "cpu")
    reap()
    assert duplicate.pk not in broker.sent(TRAIN)
    Search.objects.update(status="paused")
    sent_long_ago(waiting)
    assert not any(reap().values())


def test_a_candidate_whose_worker_vanished_is_trained_by_another_one(waiting: Candidate, broker: Broker) -> None:
    assert claim(candidate_id=waiting.pk, worker_name="worker-1") is not None
    assert reap()["given_back"] == 0
    Candidate.objects.filter(pk=waiting.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert reap()["given_back"] == 1
    assert set(broker.sent(TRAIN)) == {waiting.pk}
    again = claim(candidate_id=waiting.pk, worker_name="worker-2")
    assert again is not None
    assert again.attempt == 2


def test_a_search_that_sits_still_is_advanced_and_one_that_waits_for_children_is_not(
    waiting: Candidate, broker: Broker
) -> None:
    assert reap()["advanced"] == 0
    Candidate.objects.filter(pk=waiting.pk).update(status=CandidateStatus.FINISHED, reward=0.5)
    assert reap()["advanced"] == 1
    assert broker.sent(ADVANCE) == [waiting.search_id]


def test_the_rows_tell_what_a_search_needs_next(make_search: MakeSearch) -> None:
    search = make_search(budget=6, round_size=3, rounds_in_flight=2)
    assert next_step(search) == Step.PROPOSE
    first = propose(search, 3)
    assert next_step(search) == Step.PROPOSE  # two rounds may be in flight
    second = propose(search, 3)
    assert next_step(search) is None
    Candidate.objects.filter(pk__in=[c.pk for c in second]).update(status="finished", reward=0.1)
    assert next_step(search) is None  # rounds are observed in their order
    Candidate.objects.filter(pk__in=[c.pk for c in first]).update(status="failed")
    assert next_step(search) == Step.OBSERVE
    Round.objects.update(status=RoundStatus.OBSERVED)
    assert next_step(search) == Step.FINISH
    search.status = "paused"
    assert next_step(search) is None


def test_a_duplicate_is_resolved_once_its_first_one_is_done(make_search: MakeSearch) -> None:
    search = make_search(budget=2, round_size=2, rounds_in_flight=1)
    first, second = propose(search, 2)
    Candidate.objects.filter(pk=second.pk).update(duplicate_of=first)
    assert next_step(search) is None
    Candidate.objects.filter(pk=first.pk).update(status="finished", reward=0.1)
    assert next_step(search) == Step.RESOLVE
