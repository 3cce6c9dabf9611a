"""A budget that is extended: as if it had been the larger one from the beginning, on any number of workers."""

from collections.abc import Callable
from typing import Any

import pytest

from searchapp import advance, services
from searchapp.advance import advance_search
from searchapp.editing.errors import BadEdit, EditNotAllowed
from searchapp.editing.extend import extend_search
from searchapp.models import RoundStatus, Search, Trial
from searchapp.models.statuses import CandidateStatus, SearchStatus
from searchapp.workers.child import ChildWorker
from tests.searchapp.conftest import Broker, Driver, QuickTrainer, SeededTrainer

pytestmark = pytest.mark.django_db(transaction=True)
MakeSearch = Callable[..., Search]
COLUMNS = ("index", "round__number", "tokens", "fingerprint", "reward", "duplicate_of__index", "outcome")


def workers(count: int = 1) -> list[ChildWorker]:
    return [ChildWorker(f"worker-{number}", QuickTrainer()) for number in range(count)]


def fresh(search: Search) -> Search:
    return Search.objects.select_related("best_candidate").get(pk=search.pk)


def all_of(search: Search) -> dict[str, Any]:
    """Everything that a search found, and what its controller was told: nothing of when and by whom."""
    row = fresh(search)
    rounds = [
        (number, status, metrics.get("mean_reward"), round(metrics.get("loss", 0.0), 4))
        for number, status, metrics in search.rounds.order_by("number").values_list("number", "status", "metrics")
    ]
    return {
        "candidates": list(search.candidates.order_by("index").values_list(*COLUMNS)),
        "rounds": rounds,
        "counts": (row.status, row.budget, row.candidates_proposed, row.candidates_done),
        "best": row.best_candidate and row.best_candidate.index,
        "state": bytes(row.controller_state.blob),
    }


@pytest.mark.parametrize(
    "setting",
    [
        {"budget": 12},
        {"budget": 10, "rounds_in_flight": 1},  # the last round is cut short
        {"budget": 4, "rounds_in_flight": 3},  # fewer rounds than may be in flight
        {"budget": 10, "rounds_in_flight": 3, "controller": {"name": "ppo"}},
        {"budget": 11, "controller": {"name": "evolution", "settings": {"population": 4}}},
    ],
)
def test_a_finished_search_that_is_extended_is_the_search_that_had_the_larger_budget(
    make_search: MakeSearch, broker: Broker, setting: dict[str, Any]
) -> None:
    search, whole = make_search(**setting), make_search(**{**setting, "budget": 22})
    Driver(broker, workers()).run()
    assert fresh(search).status == SearchStatus.FINISHED
    extend_search(search=search, budget=22)
    assert (fresh(search).status, fresh(search).finished_at) == (SearchStatus.RUNNING, None)
    Driver(broker, workers(3), seed=4).run()
    assert all_of(search) == all_of(whole)
    assert fresh(search).finished_at is not None


@pytest.mark.parametrize("messages", [1, 11, 19])
def test_so_is_one_that_is_extended_while_it_runs(make_search: MakeSearch, broker: Broker, messages: int) -> None:
    whole = make_search(budget=20, controller={"name": "ppo"})
    Driver(broker, workers()).run()
    search = make_search(budget=11, controller={"name": "ppo"})
    driver = Driver(broker, workers(2), seed=messages)
    for _ in range(messages):
        if broker.messages:
            driver.deliver(*broker.messages.pop(0))
    extend_search(search=search, budget=20)
    driver.run()
    assert all_of(search) == all_of(whole)


def test_the_children_that_were_trained_are_not_trained_again(make_search: MakeSearch, broker: Broker) -> None:
    search, trainer = make_search(budget=10), QuickTrainer()
    Driver(broker, [ChildWorker("worker-1", trainer)]).run()
    before = len(trainer.jobs)
    extend_search(search=search, budget=14)
    Driver(broker, [ChildWorker("worker-1", trainer)]).run()
    trained = search.candidates.filter(status=CandidateStatus.FINISHED, outcome="trained")
    assert before < len(trainer.jobs) == trained.count()
    assert sorted(job.key for job in trainer.jobs) == sorted({job.key for job in trainer.jobs})


def test_the_best_rules_are_confirmed_again_at_the_new_end(make_search: MakeSearch, broker: Broker) -> None:
    confirmation = {"top": 2, "seeds": 2, "baselines": ["sgd"]}
    search, whole = (make_search(budget=n, confirmation=confirmation) for n in (6, 30))
    Driver(broker, [ChildWorker("a", SeededTrainer())]).run()
    first = set(search.trials.values_list("key", flat=True))
    extend_search(search=search, budget=30)
    Driver(broker, [ChildWorker("a", SeededTrainer())]).run()
    keys = set(search.trials.values_list("key", flat=True))
    assert first <= keys  # what was confirmed at the first end stays
    assert set(whole.trials.values_list("key", flat=True)) <= keys
    assert not Trial.objects.filter(status__in=["queued", "training"]).exists()


def test_a_paused_search_takes_a_larger_budget_and_stays_paused(make_search: MakeSearch, broker: Broker) -> None:
    search = make_search(budget=6)
    services.pause_search(search=search)
    assert extend_search(search=search, budget=9).status == SearchStatus.PAUSED
    services.resume_search(search=search)
    Driver(broker, workers()).run()
    assert all_of(search)["counts"] == (SearchStatus.FINISHED, 9, 9, 9)


@pytest.mark.parametrize(("budget", "says"), [(12, "12 already"), (3, "12 already"), (1_000_001, "at most 1,000,000")])
def test_a_budget_that_is_not_larger_or_too_large_is_refused(make_search: MakeSearch, budget: int, says: str) -> None:
    search = make_search()
    with pytest.raises(BadEdit, match=says):
        extend_search(search=search, budget=budget)
    assert fresh(search).budget == 12


def test_a_stopped_search_is_not_extended(make_search: MakeSearch) -> None:
    search = services.stop_search(search=make_search())
    with pytest.raises(EditNotAllowed, match="stopped: its budget cannot be extended"):
        extend_search(search=search, budget=100)


def test_a_search_that_cannot_be_played_again_goes_on_from_its_state(make_search: MakeSearch, broker: Broker) -> None:
    """Its rules are not those that this version proposes with the same seed."""
    search = make_search(budget=10, rounds_in_flight=3)
    Driver(broker, workers()).run()
    search.candidates.filter(index=0).update(tokens=["m", "m", "x", "x", "+"])
    extend_search(search=search, budget=20)
    Driver(broker, workers(), deliver_twice=True).run()
    assert all_of(search)["counts"] == (SearchStatus.FINISHED, 20, 20, 20)
    sizes = [round_.candidates.count() for round_ in search.rounds.order_by("number")]
    assert sizes == [3, 3, 3, 1, 3, 3, 3, 1]
    assert not search.rounds.filter(status=RoundStatus.OPEN).exists()


def test_a_search_that_is_extended_while_it_is_being_finished_does_not_finish(
    make_search: MakeSearch, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = make_search(budget=6)
    driver = Driver(broker, workers())
    while broker.messages and fresh(search).candidates_done < 6:
        driver.deliver(*broker.messages.pop(0))

    real_next = advance.next_step
    extended = []

    def next_step(row: Search, **more: Any) -> Any:
        wanted = real_next(row, **more)
        if wanted == advance.Step.FINISH and not extended:
            extended.append(extend_search(search=search, budget=9))
        return wanted

    monkeypatch.setattr(advance, "next_step", next_step)
    advance_search(search.pk)
    assert extended
    assert fresh(search).status == SearchStatus.RUNNING
    driver.run()
    assert all_of(search)["counts"] == (SearchStatus.FINISHED, 9, 9, 9)
