"""People, searches and a small driver in the place of Celery: it delivers messages as a broker would, in any order."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from engine.children.messages import ChildJob
from engine.children.results import ChildResult, EpochPoint, RunRecord
from searchapp import dispatch, results, services
from searchapp.built_in import sync
from searchapp.leases import claim
from searchapp.models import Search
from searchapp.workers.child import ChildWorker
from searchapp.workers.ledgers import CANDIDATES, TRIALS
from tests.searchapp.rows import propose

SMALL_CONFIG: dict[str, Any] = {
    "primitives": {
        "operands": ["g", "m", "sign(g)", "sign(m)", "1"],
        "unary": ["x", "-x", "exp", "sign"],
        "binary": ["+", "-", "*"],
    },
    "groups": 2,
    "child": {
        "dataset": "digits",
        "network": "softmax",
        "protocol": {"learning_rates": [0.1], "sweep_examples": 200, "epochs": 1, "train_examples": 300},
    },
    "controller": {"name": "random"},
    "confirmation": {"top": 0, "baselines": []},  # tests of trials ask for theirs
    "budget": 12,
    "round_size": 3,
    "rounds_in_flight": 2,
    "seed": 7,
}


@pytest.fixture
def owner(db: None) -> User:
    return User.objects.create_user("owner", password="owner-password")


@pytest.fixture
def stranger(db: None) -> User:
    return User.objects.create_user("stranger", password="stranger-password")


@pytest.fixture
def config() -> dict[str, Any]:
    return {**SMALL_CONFIG}


class Broker:
    """Keeps what was sent; a test takes messages from it in any order, twice, or never."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, int]] = []
        self.is_down = False

    def send(self, task: str, messages: list[tuple[int, str]]) -> int:
        if self.is_down:
            return 0
        self.messages += [(task, row_id) for row_id, _ in messages]
        return len(messages)

    def sent(self, task: str) -> list[int]:
        return [row_id for name, row_id in self.messages if name == task]


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    broker = Broker()
    monkeypatch.setattr(dispatch, "_send", broker.send)
    return broker


@pytest.fixture
def make_search(owner: User, broker: Broker, config: dict[str, Any]) -> Callable[..., Search]:
    sync()  # transactional tests empty the tables, and the built-in rows with them

    def make(start: bool = True, **changes: Any) -> Search:
        return services.create_search(owner=owner, name="small", config={**config, **changes}, start=start)

    return make


def result_of(rule: str, reward: float | None = None) -> ChildResult:
    """A child's result that depends on its rule alone, as a real one's does."""
    reward = random.Random(rule).random() if reward is None else reward
    points = (EpochPoint(1, 2.0, reward / 2), EpochPoint(2, 1.0, reward))
    final = RunRecord("final", 0.1, "trained", "", 0.5, points)
    return ChildResult(reward, "trained", "", 0.1, (RunRecord("sweep", 0.1, "trained", "", 0.1), final), 0.6)


@pytest.fixture
def mine(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


@pytest.fixture
def theirs(stranger: User) -> Client:
    client = Client()
    client.force_login(stranger)
    return client


@pytest.fixture
def trained_search(make_search: Callable[..., Search]) -> Search:
    """Three candidates, the first two trained, with rewards of 50 % and 75 %."""
    search = make_search()
    for candidate, reward in zip(propose(search, 3)[:2], (0.5, 0.75), strict=True):
        taken = claim(candidate_id=candidate.pk, worker_name="worker-1")
        assert taken is not None
        results.record_result(
            candidate_id=candidate.pk, attempt=taken.attempt, result=result_of(candidate.text, reward)
        )
    search.refresh_from_db()
    return search


class QuickTrainer:
    """Answers at once; what a test needs to happen during the training, it gives as `during`."""

    def __init__(self, during: Callable[[ChildJob], object] = lambda job: None) -> None:
        self.during, self.jobs = during, list[ChildJob]()

    def train(self, job: ChildJob, on_event: object = None, should_stop: object = None) -> ChildResult:
        self.jobs.append(job)
        self.during(job)
        return result_of(str(job.rule))

    def close(self) -> None:
        pass


@pytest.fixture
def worker() -> ChildWorker:
    return ChildWorker("worker-1", QuickTrainer())


class Driver:
    """Delivers messages until none is left: a few at hand at a time, in an order that the seed decides."""

    def __init__(self, broker: Broker, workers: list[ChildWorker], seed: int = 0, deliver_twice: bool = False) -> None:
        self.broker, self.workers, self.random = broker, workers, random.Random(seed)
        self.deliver_twice = deliver_twice

    def run(self) -> None:
        while self.broker.messages:
            at_hand = min(len(self.workers), len(self.broker.messages))
            message = self.broker.messages.pop(self.random.randrange(at_hand))
            for _ in range(1 + self.deliver_twice):
                self.deliver(*message)

    def deliver(self, task: str, row_id: int) -> None:
        from searchapp.advance import advance_search

        if task == dispatch.ADVANCE_SEARCH:
            advance_search(row_id)
        else:
            ledger = TRIALS if task == dispatch.TRAIN_TRIAL else CANDIDATES
            self.random.choice(self.workers).train(row_id, ledger)


CONFIRMATION = {"top": 2, "seeds": 3, "baselines": ["sgd", "adam"]}


class SeededTrainer(QuickTrainer):
    """A reward that depends on the rule and the seed, as a real child's does."""

    def train(self, job: ChildJob, on_event: object = None, should_stop: object = None) -> ChildResult:
        super().train(job)
        return result_of(f"{job.rule} {job.seed} {job.kind}")


@pytest.fixture
def trainer() -> SeededTrainer:
    return SeededTrainer()


@pytest.fixture
def searched(make_search: Callable[..., Search], broker: Broker, trainer: SeededTrainer) -> Search:
    """A search that is finished, its baselines and confirmations trained."""
    search = make_search(confirmation=CONFIRMATION)
    Driver(broker, [ChildWorker("a", trainer), ChildWorker("b", trainer)], seed=3).run()
    search.refresh_from_db()
    return search
