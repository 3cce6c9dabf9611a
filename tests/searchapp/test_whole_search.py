"""The product's main job: a search on real digits, trained by a real trainer process, through the database."""

from collections.abc import Callable

import pytest

from engine.children.process import TrainerProcess
from searchapp.models import ChildRun, Search, SearchStatus
from searchapp.workers.child import ChildWorker
from tests.searchapp.conftest import Broker, Driver

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_digits_search_runs_to_its_end_and_finds_a_rule_that_learns(
    make_search: Callable[..., Search], broker: Broker
) -> None:
    child = {
        "dataset": "digits",
        "network": "softmax",
        "protocol": {"learning_rates": [0.01, 0.1], "sweep_examples": 500, "epochs": 3},
    }
    search = make_search(budget=10, child=child, controller={"name": "ppo"})
    with TrainerProcess("cpu") as trainer:
        Driver(broker, [ChildWorker("worker-1", trainer)]).run()
    search.refresh_from_db()
    assert (search.status, search.candidates_done) == (SearchStatus.FINISHED, 10)
    assert search.candidates.filter(status="finished").count() == 10
    trained = search.candidates.filter(duplicate_of=None).exclude(outcome="screened")
    assert ChildRun.objects.filter(candidate__search=search).values("candidate").distinct().count() == trained.count()
    assert search.best_candidate is not None
    assert search.best_candidate.reward is not None
    assert search.best_candidate.reward > 0.5
    assert all("mean_reward" in round_.metrics for round_ in search.rounds.all())
