"""A search advances by itself, whoever calls and however often; a broken one ends with a sentence."""

from collections.abc import Callable
from typing import Any

import pytest

from engine.search import OptimizerSearch
from searchapp import advance as advance_module
from searchapp import leases, results, services
from searchapp.advance import Advance, StateMoved, advance_search
from searchapp.models import Candidate, CandidateStatus, ControllerState, Outcome, Round, Search, SearchStatus
from searchapp.workers.child import ChildWorker
from tests.searchapp.conftest import Broker, Driver, QuickTrainer
from tests.searchapp.test_claims import in_threads

pytestmark = pytest.mark.django_db(transaction=True)
MakeSearch = Callable[..., Search]
TRAIN = "searchapp.tasks.train_child"


def fresh(search: Search) -> Search:
    return Search.objects.get(pk=search.pk)


def workers(count: int = 1) -> list[ChildWorker]:
    return [ChildWorker(f"worker-{n}", QuickTrainer()) for n in range(count)]


def rules(search: Search) -> list[str]:
    return list(search.candidates.order_by("index").values_list("text", flat=True))


def test_the_first_rounds_in_flight_are_proposed_and_sent(make_search: MakeSearch, broker: Broker) -> None:
    search = make_search()
    assert advance_search(search.pk) == 2
    assert fresh(search).candidates_proposed == 6
    to_train = search.candidates.filter(status=CandidateStatus.QUEUED, duplicate_of=None).order_by("index")
    assert broker.sent(TRAIN) == list(to_train.values_list("pk", flat=True)) != []
    assert advance_search(search.pk) == 0  # the same message again


def test_a_whole_search_counts_every_candidate_once_although_each_message_comes_twice(
    make_search: MakeSearch, broker: Broker
) -> None:
    search = make_search(budget=20)
    Driver(broker, workers(3), seed=1, deliver_twice=True).run()
    ended = fresh(search)
    assert (ended.status, ended.candidates_proposed, ended.candidates_done) == (SearchStatus.FINISHED, 20, 20)
    finished = [event.payload["index"] for event in search.events.filter(kind="candidate.finished")]
    assert sorted(finished) == list(range(20))
    assert not Round.objects.filter(search=search, status="open").exists()
    seqs = list(search.events.order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, ended.events_count + 1))
    best = search.candidates.order_by("-reward", "complexity", "index").first()
    assert ended.best_candidate == best


@pytest.mark.parametrize("controller", ["random", "ppo"])
def test_the_same_seed_gives_the_same_rules_on_one_worker_and_on_three(
    make_search: MakeSearch, broker: Broker, controller: str
) -> None:
    found = []
    for count, order in ((1, 0), (3, 5)):
        search = make_search(budget=15, controller={"name": controller})
        Driver(broker, workers(count), seed=order).run()
        assert fresh(search).status == SearchStatus.FINISHED
        found.append((rules(search), list(search.candidates.order_by("index").values_list("reward", flat=True))))
    assert found[0] == found[1]


def test_duplicates_are_not_trained_and_have_the_reward_of_their_first_one(
    make_search: MakeSearch, broker: Broker
) -> None:
    one_rule = {"operands": ["g"], "unary": ["x"], "binary": ["left"]}
    search = make_search(primitives=one_rule, groups=1, budget=6)
    trainer = QuickTrainer()
    Driver(broker, [ChildWorker("worker-1", trainer)]).run()
    assert len(trainer.jobs) == 1
    first, *others = search.candidates.order_by("index")
    assert {row.outcome for row in others} == {Outcome.DUPLICATE}
    assert {row.reward for row in others} == {first.reward}
    assert {row.duplicate_of_id for row in others} == {first.pk}
    assert (fresh(search).status, fresh(search).candidates_done) == (SearchStatus.FINISHED, 6)


def screened_events(search: Search) -> list[dict[str, Any]]:
    finished = search.events.filter(kind="candidate.finished").order_by("seq")
    return [event.payload for event in finished if event.payload["outcome"] == Outcome.SCREENED]


def test_a_search_whose_rules_are_all_screened_out_ends_without_any_training(
    make_search: MakeSearch, broker: Broker
) -> None:
    """Each of its rounds is whole as soon as it is written, and is observed."""
    search = make_search(primitives={"operands": ["1", "2", "w"], "unary": ["x", "exp"], "binary": ["+"]}, budget=12)
    advance_search(search.pk)
    ended = fresh(search)
    assert (ended.status, ended.candidates_proposed, ended.candidates_done) == (SearchStatus.FINISHED, 12, 12)
    assert broker.sent(TRAIN) == []
    assert ended.best_candidate is None
    assert list(search.rounds.order_by("number").values_list("status", flat=True)) == ["observed"] * 4
    assert all(metrics["mean_reward"] == 0 for metrics in search.rounds.values_list("metrics", flat=True))
    screened = search.candidates.filter(outcome=Outcome.SCREENED)
    assert screened.count() >= 1
    assert {(row.status, row.reward, row.reason) for row in screened} == {
        (CandidateStatus.FINISHED, 0.0, "It uses no gradient, so it cannot follow the loss.")
    }
    assert not screened.filter(finished_at=None).exists()


def test_a_screened_candidate_is_recorded_once_after_its_round_and_its_duplicates_have_its_reward(
    make_search: MakeSearch, broker: Broker
) -> None:
    search = make_search(primitives={"operands": ["g"], "unary": ["-x"], "binary": ["left"]}, groups=1, budget=3)
    advance_search(search.pk)
    first, *others = search.candidates.order_by("index")
    assert first.outcome == Outcome.SCREENED
    assert "cosine is -1.00" in first.reason
    assert {(row.outcome, row.reward, row.duplicate_of_id) for row in others} == {(Outcome.DUPLICATE, 0.0, first.pk)}
    kinds = list(search.events.order_by("seq").values_list("kind", flat=True))
    assert kinds.index("round.proposed") < kinds.index("candidate.finished")
    assert [payload["index"] for payload in screened_events(search)] == [0]
    assert not screened_events(search)[0]["best"]
    seqs = list(search.events.order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, fresh(search).events_count + 1))


def test_screened_and_trained_rules_stand_side_by_side_in_a_search(make_search: MakeSearch, broker: Broker) -> None:
    search = make_search(budget=30)
    trainer = QuickTrainer()
    Driver(broker, [ChildWorker("worker-1", trainer)]).run()
    ended = fresh(search)
    assert (ended.status, ended.candidates_done) == (SearchStatus.FINISHED, 30)
    screened = search.candidates.filter(outcome=Outcome.SCREENED)
    assert 0 < screened.count() == len(screened_events(search))
    assert {job.rule for job in trainer.jobs}.isdisjoint(screened.values_list("text", flat=True))
    assert ended.best_candidate is not None
    assert ended.best_candidate.outcome == Outcome.TRAINED


def test_a_duplicate_waits_for_a_first_one_that_is_still_in_training(make_search: MakeSearch, broker: Broker) -> None:
    search = make_search(primitives={"operands": ["g"], "unary": ["x"], "binary": ["left"]}, groups=1, budget=6)
    advance_search(search.pk)
    first = search.candidates.get(index=0)
    claimed = leases.claim(candidate_id=first.pk, worker_name="worker-1")
    assert claimed is not None
    assert advance_search(search.pk) == 0
    assert search.candidates.filter(status=CandidateStatus.QUEUED).count() == 5
    results.fail(candidate_id=first.pk, attempt=claimed.attempt, reason="It could not be trained.")
    advance_search(search.pk)
    assert search.candidates.filter(status=CandidateStatus.FAILED).count() == 6
    assert "which failed: It could not be trained." in search.candidates.get(index=1).reason
    assert fresh(search).status == SearchStatus.FINISHED  # failed candidates are done, too


def test_a_paused_search_goes_on_after_resuming_with_the_rules_it_would_have_had(
    make_search: MakeSearch, broker: Broker
) -> None:
    whole, broken = make_search(), make_search()
    broker.messages.clear()
    advance_search(whole.pk)
    Driver(broker, workers()).run()
    advance_search(broken.pk)
    services.pause_search(search=broken)
    driver = Driver(broker, workers())
    driver.run()  # every message is consumed and nothing starts
    assert not broken.candidates.filter(outcome=Outcome.TRAINED).exists()
    assert advance_search(broken.pk) == 0
    services.resume_search(search=broken)
    driver.run()
    assert fresh(broken).status == SearchStatus.FINISHED
    assert rules(broken) == rules(whole)


def test_control_workers_that_advance_at_once_propose_each_round_once(make_search: MakeSearch, broker: Broker) -> None:
    search = make_search(budget=30, rounds_in_flight=5)
    in_threads(3, lambda _: advance_search(search.pk))
    advance_search(search.pk)
    assert list(search.rounds.order_by("number").values_list("number", flat=True)) == [0, 1, 2, 3, 4]
    assert list(search.candidates.order_by("index").values_list("index", flat=True)) == list(range(15))
    assert fresh(search).status == SearchStatus.RUNNING
    assert sorted(broker.sent(TRAIN)) == sorted(
        search.candidates.filter(status=CandidateStatus.QUEUED, duplicate_of=None).values_list("pk", flat=True)
    )


def test_what_was_computed_on_a_state_that_moved_is_thrown_away(
    make_search: MakeSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = make_search()
    propose = OptimizerSearch.propose

    def propose_late(self: OptimizerSearch, first_with: Any) -> Any:
        proposed = propose(self, first_with)
        monkeypatch.setattr(OptimizerSearch, "propose", propose)
        advance_search(search.pk)  # another control worker is faster
        return proposed

    monkeypatch.setattr(OptimizerSearch, "propose", propose_late)
    with pytest.raises(StateMoved):
        Advance(search.pk).step()
    assert search.rounds.count() == 2
    assert fresh(search).status == SearchStatus.RUNNING


@pytest.mark.parametrize("blob", [b"nonsense", b"\x00" * 100, b"PK\x03\x04"])
def test_a_search_whose_saved_state_is_damaged_fails_with_a_sentence(
    make_search: MakeSearch, broker: Broker, blob: bytes
) -> None:
    search = make_search()
    ControllerState.objects.filter(search=search).update(blob=blob, version=3)
    advance_search(search.pk)
    ended = fresh(search)
    assert ended.status == SearchStatus.FAILED
    assert len(ended.reason) > 20
    assert search.events.last().payload == {"status": "failed", "reason": ended.reason}  # type: ignore[union-attr]
    assert advance_search(search.pk) == 0


def test_a_search_whose_saved_state_is_missing_fails_with_a_sentence(make_search: MakeSearch) -> None:
    search = make_search()
    ControllerState.objects.filter(search=search).delete()
    advance_search(search.pk)
    assert fresh(search).status == SearchStatus.FAILED
    assert "missing" in fresh(search).reason


def test_a_search_whose_stored_configuration_no_longer_fits_fails_with_the_field(make_search: MakeSearch) -> None:
    search = make_search()
    Search.objects.filter(pk=search.pk).update(config={**search.config, "groups": 0})
    advance_search(search.pk)
    assert fresh(search).status == SearchStatus.FAILED
    assert "groups" in fresh(search).reason


def test_failing_cancels_what_waits(make_search: MakeSearch) -> None:
    search = make_search()
    advance_search(search.pk)
    Search.objects.filter(pk=search.pk).update(budget=60)
    ControllerState.objects.filter(search=search).update(blob=b"nonsense")
    search.candidates.update(status=CandidateStatus.FAILED)
    advance_search(search.pk)
    assert fresh(search).status == SearchStatus.FAILED
    assert not Candidate.objects.filter(search=search, status=CandidateStatus.QUEUED).exists()


def test_an_error_of_the_database_fails_no_search(make_search: MakeSearch, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    def gone(*_: object) -> dict[str, int]:
        raise OperationalError("the database went away")

    search = make_search()
    monkeypatch.setattr(advance_module.rounds, "first_with", gone)
    with pytest.raises(OperationalError):
        advance_search(search.pk)
    assert fresh(search).status == SearchStatus.RUNNING


def test_a_search_that_was_deleted_or_stopped_is_not_advanced(make_search: MakeSearch) -> None:
    search = make_search()
    services.stop_search(search=search)
    assert advance_search(search.pk) == 0
    assert advance_search(search.pk + 1000) == 0
    assert search.rounds.count() == 0
