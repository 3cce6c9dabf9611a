"""The log of new bests is what the events say, read from the candidates."""

from collections.abc import Callable

import pytest

from searchapp.models import EventKind, Search
from searchapp.rules.bests import bests
from searchapp.workers.child import ChildWorker
from tests.searchapp.conftest import Broker, Driver, SeededTrainer

pytestmark = pytest.mark.django_db(transaction=True)  # messages are sent on commit


def test_it_is_the_events_log(make_search: Callable[..., Search], broker: Broker, trainer: SeededTrainer) -> None:
    search = make_search(budget=30, round_size=6, seed=8)
    Driver(broker, [ChildWorker("a", trainer), ChildWorker("b", trainer)], seed=5).run()
    search.refresh_from_db()
    said = search.events.filter(kind=EventKind.CANDIDATE_FINISHED, payload__best=True).order_by("-seq")
    expected = [(event.payload["index"], event.payload["reward"], event.payload["text"]) for event in said]
    assert [(one.index, one.reward, one.text) for one in bests(search, 50)] == expected
    assert len(expected) >= 2
    assert [one.index for one in bests(search, 1)] == [expected[0][0]]


def test_nothing_done_is_no_best(make_search: Callable[..., Search]) -> None:
    assert bests(make_search(), 50) == []
