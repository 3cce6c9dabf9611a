"""What the live page shows beside the numbers: packed tokens, workers, children in training."""

import itertools
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels_redis.core import RedisChannelLayer
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from engine.children.messages import ChildJob
from engine.children.results import ChildResult
from searchapp import selectors
from searchapp.configs import search_config
from searchapp.models import Candidate, Round, Search, Worker
from searchapp.watching.attendance import workers_on
from searchapp.watching.packing import MOST_COLUMNS, TokenTable, thin_preferences
from searchapp.workers import presence
from searchapp.workers.child import ChildWorker
from searchapp.workers.news import MOST_POINTS, Curve, Subject, TrainingNews, send_to_watchers
from tests.searchapp.conftest import QuickTrainer
from tests.searchapp.rows import propose
from tests.searchapp.sockets import Socket
from tests.searchapp.test_consumer import connect

MakeSearch = Callable[..., Search]
transactional = pytest.mark.django_db(transaction=True)


def epoch(stage: str, rate: float, epoch: float, accuracy: float) -> dict[str, Any]:
    point = {"epoch": epoch, "train_loss": 1.0, "validation_accuracy": accuracy}
    return {"event": "epoch", "stage": stage, "learning_rate": rate, **point}


# --- the snapshot ---


@pytest.mark.django_db
def test_the_snapshot_packs_tokens_by_kind_of_slot(make_search: MakeSearch) -> None:
    search = make_search()
    propose(search, 1)
    snapshot = selectors.snapshot(search)
    *_, packed = snapshot["candidates"][0]
    tokens = [snapshot["tokens"][kind][place] for kind, place in zip(snapshot["kinds"], packed, strict=False)]
    assert tokens == ["g", "g", "x", "x", "left"] or packed[-1] == -1  # `left` is not a token of this search
    assert tokens[:4] == ["g", "g", "x", "x"]
    assert snapshot["tokens"]["operand"][-1] == "#1"


def test_every_token_of_a_space_is_packed_and_found_again(config: dict[str, Any]) -> None:
    table = TokenTable(config)
    for kind in ("operand", "unary", "binary"):
        slot = max(place for place, found in enumerate(table.kinds) if found == kind)
        for token in table.tokens[kind]:
            packed = table.pack([token] * len(table.kinds))
            assert table.tokens[kind][packed[slot]] == token
    assert set(table.pack(["gone"] * 10)) == {-1}


def test_preferences_of_long_searches_are_thinned_evenly_and_the_last_ones_kept() -> None:
    rounds = [{"number": n, "metrics": {"kl": 0.1, "preferences": {"unary": [1.0]}}} for n in range(1000)]
    thinned = thin_preferences([{"number": -1, "metrics": {"kl": 0.1}}, *rounds])
    kept = [row["number"] for row in thinned if "preferences" in row["metrics"]]
    assert len(thinned) == 1001
    assert MOST_COLUMNS / 2 < len(kept) <= MOST_COLUMNS
    assert kept[-1] == 999
    assert len({b - a for a, b in itertools.pairwise(kept)}) == 1
    assert all(row["metrics"]["kl"] == 0.1 for row in thinned)


@pytest.mark.django_db
def test_searches_without_preferences_are_shown_as_before(make_search: MakeSearch) -> None:
    search = make_search()
    Round.objects.create(search=search, number=0, metrics={"entropy": 2.0})
    assert selectors.snapshot(search)["rounds"] == [{"number": 0, "metrics": {"entropy": 2.0}}]


# --- workers ---


@pytest.mark.django_db
def test_workers_of_the_queue_with_what_they_train_and_how_fast(trained_search: Search) -> None:
    search, now = trained_search, timezone.now()
    for name in ("worker-1", "worker-2"):
        presence.register(name, search.queue, "cpu")
    waiting = search.candidates.get(index=2)
    Worker.objects.filter(name="worker-2").update(candidate=waiting, seen_at=now - timedelta(seconds=40))
    done = search.candidates.filter(worker_name="worker-1", seconds__isnull=False)
    done.update(started_at=now - timedelta(minutes=10), finished_at=now)
    first, second = workers_on(search)
    assert (first["name"], first["device"], first["is_live"], first["trains"]) == ("worker-1", "cpu", True, None)
    assert first["an_hour"] == pytest.approx(12, rel=0.02)  # two children in ten minutes
    assert second["trains"] == {"index": 2, "text": waiting.text, "purpose": ""}
    assert (second["is_live"], second["an_hour"]) == (False, None)
    assert second["seen_seconds"] == pytest.approx(40, abs=2)


@pytest.mark.django_db
def test_what_a_worker_trains_for_somebody_else_is_not_told(make_search: MakeSearch) -> None:
    mine, other = make_search(), make_search()
    presence.register("worker-1", mine.queue, "cpu")
    Worker.objects.update(candidate=propose(other, 1)[0])
    assert workers_on(mine)[0]["trains"] == {"elsewhere": True}


@pytest.mark.django_db
def test_workers_that_are_long_gone_are_not_listed(make_search: MakeSearch) -> None:
    search = make_search()
    presence.register("worker-1", search.queue, "cpu")
    Worker.objects.update(seen_at=timezone.now() - timedelta(hours=1))
    assert workers_on(search) == []


# --- children in training ---


def test_a_curve_holds_the_sweep_by_rate_and_the_final_run_by_epoch() -> None:
    curve = Curve()
    curve.add(epoch("sweep", 0.1, 0.5, 0.2))
    curve.add(epoch("sweep", 0.1, 1.0, 0.3))
    curve.add(epoch("sweep", 1.0, 1.0, float("nan")))
    curve.add(epoch("sweep", 0.01, 1.0, 0.25))
    curve.add(epoch("final", 0.1, 1.0, 0.4))
    curve.add(epoch("final", 0.1, 2.0, 0.5))
    assert curve.sweep == [(0.1, 0.3), (0.01, 0.25)]
    assert curve.points == [(1.0, 0.4), (2.0, 0.5)]
    assert curve.last == {"stage": "final", "learning_rate": 0.1, "epoch": 2.0, "accuracy": 0.5}


def test_a_long_curve_stays_small_and_keeps_its_end() -> None:
    curve = Curve()
    for number in range(1, 1001):
        curve.add(epoch("final", 0.1, number, number / 1000))
    assert len(curve.points) <= MOST_POINTS
    assert curve.points[-1] == (1000, 1.0)
    assert curve.points == sorted(curve.points)


class Epochs(QuickTrainer):
    """Tells of ten epochs in 0.3 s."""

    def train(self, job: ChildJob, on_event: Any = None, should_stop: object = None) -> ChildResult:
        for number in range(1, 11):
            on_event(epoch("final", 0.1, number, number / 20))
            time.sleep(0.03)
        return super().train(job)


@transactional
def test_many_epochs_become_few_messages_each_with_the_whole_curve(
    make_search: MakeSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidate = propose(make_search(), 1)[0]
    worker, sent = ChildWorker("worker-1", Epochs()), list[tuple[int, dict[str, Any]]]()
    worker.news = TrainingNews("worker-1", lambda search_id, child: sent.append((search_id, child)))
    monkeypatch.setattr("searchapp.workers.news.SHORTEST", 0.1)
    monkeypatch.setattr("searchapp.workers.news.A_SECOND", 1000)
    assert worker.train(candidate.pk) == "recorded"
    assert 1 <= len(sent) <= 5
    search_id, child = sent[-1]
    assert (search_id, child["worker"], child["index"], child["text"]) == (candidate.search_id, "worker-1", 0, "g")
    assert child["curve"][0] == (1, 0.05)
    assert child["accuracy"] == child["curve"][-1][1]
    assert (child["stage"], child["epochs"], child["rates"]) == ("final", 1, 1)


@pytest.mark.django_db
def test_children_of_milliseconds_are_not_told_of_each(make_search: MakeSearch) -> None:
    sent = list[dict[str, Any]]()
    news = TrainingNews("worker-1", lambda search_id, child: sent.append(child))
    search = make_search()
    job = ChildJob("1", "g", search_config(search).child, 0)
    for _ in range(20):
        with news.of(Subject(search.pk, 0, "g"), job) as on_event:
            on_event(epoch("final", 0.1, 1, 0.5))
    assert len(sent) == 1


@transactional
def test_news_that_cannot_be_sent_disturb_no_training(make_search: MakeSearch, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*arguments: object) -> None:
        raise ConnectionError("Redis is away.")

    monkeypatch.setattr("searchapp.workers.news._group_send", fail)
    candidate = propose(make_search(), 1)[0]
    assert ChildWorker("worker-1", Epochs()).train(candidate.pk) == "recorded"


@pytest.fixture
def quick_goodbyes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RedisChannelLayer, "brpop_timeout", 1)


async def receive(socket: Socket, kind: str) -> dict[str, Any]:
    return await socket.receive(5, (kind,))


@transactional
async def test_a_browser_hears_of_children_and_workers(
    make_search: MakeSearch, owner: User, quick_goodbyes: None
) -> None:
    search = await sync_to_async(make_search)()
    await sync_to_async(presence.register)("worker-1", search.queue, "cpu")
    socket = await connect(search.pk, owner)
    await socket.replay()
    workers = await receive(socket, "workers")
    assert [worker["name"] for worker in workers["workers"]] == ["worker-1"]
    for number in range(30):  # of two workers, quickly
        child = {"worker": f"worker-{number % 2}", "index": number, "curve": []}
        await sync_to_async(send_to_watchers)(search.pk, child)
    newest: dict[str, int] = {}
    messages = 0
    while newest != {"worker-0": 28, "worker-1": 29}:
        newest |= {child["worker"]: child["index"] for child in (await receive(socket, "training"))["children"]}
        messages += 1
    assert messages < 15
    await socket.disconnect()


# --- equations by number ---


@pytest.mark.django_db
def test_equations_are_told_to_the_owner_alone(trained_search: Search, mine: Client, theirs: Client) -> None:
    address = f"/api/searches/{trained_search.pk}/rules?index=1&index=0&index=99&index=-5&index=99999999999999"
    rows = mine.get(address).json()
    texts = dict(Candidate.objects.filter(search=trained_search).values_list("index", "text"))
    assert [(row["index"], row["text"]) for row in rows] == [(0, texts[0]), (1, texts[1])]
    assert all(row["mathml"].startswith("<math") for row in rows)
    assert theirs.get(address).status_code == 404
    assert Client().get(address).status_code == 401
