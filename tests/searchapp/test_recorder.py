"""Events are numbered without gaps, in the order in which they become visible, whoever writes them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from searchapp import recorder, selectors
from searchapp.models import Search
from tests.searchapp.test_claims import in_threads

MakeSearch = Callable[..., Search]


def write(search: Search, payload: dict[str, Any]) -> None:
    with transaction.atomic():
        recorder.record(recorder.lock(search.pk), "candidate.started", payload)


@transaction.atomic
def write_and_fail(search: Search) -> None:
    write(search, {})
    raise RuntimeError


@pytest.mark.django_db(transaction=True)
def test_many_writers_at_once_leave_no_gap_and_no_double(make_search: MakeSearch) -> None:
    search = make_search()

    def write_five(writer: int) -> None:
        for number in range(5):
            write(search, {"writer": writer, "number": number})

    in_threads(4, write_five)
    search.refresh_from_db()
    seqs = list(search.events.order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, search.events_count + 1))
    assert len(seqs) == 22  # queued and running come first
    for writer in range(4):  # each writer's own events keep their order
        own = [e.payload["number"] for e in search.events.order_by("seq") if e.payload.get("writer") == writer]
        assert own == [0, 1, 2, 3, 4]


@pytest.mark.django_db(transaction=True)
def test_an_event_whose_transaction_fails_takes_no_number(make_search: MakeSearch) -> None:
    search = make_search()
    with pytest.raises(RuntimeError):
        write_and_fail(search)
    write(search, {})
    assert [e["seq"] for e in selectors.events_after(search.pk, 0, 10)] == [1, 2, 3]


@pytest.mark.django_db(transaction=True)
def test_redis_that_is_down_costs_a_hint_and_nothing_else(
    make_search: MakeSearch, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from channels_redis.core import RedisChannelLayer

    unreachable = RedisChannelLayer(hosts=["redis://127.0.0.1:1/0"])
    monkeypatch.setattr(recorder, "get_channel_layer", lambda: unreachable)
    search = make_search()
    assert search.events.count() == 2
    assert f"no hint for search {search.pk}" in caplog.text


@pytest.mark.django_db
def test_events_are_read_in_order_after_a_number_and_at_most_so_many(make_search: MakeSearch) -> None:
    search = make_search()
    for number in range(6):
        write(search, {"number": number})
    read = selectors.events_after(search.pk, 3, 4)
    assert [event["seq"] for event in read] == [4, 5, 6, 7]
    assert set(read[0]) == {"seq", "kind", "payload", "at"}
    assert selectors.events_after(search.pk, 8, 4) == []
