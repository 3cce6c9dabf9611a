"""Old events go, what they led to stays, and who asks for them is sent to the snapshot."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from django.utils import timezone

from searchapp import control_pass, recorder, retention
from searchapp.models import EventKind, Search, SearchEvent, SearchStatus
from tests.searchapp.test_consumer import connect, quick_goodbyes

DAYS = timedelta(days=30)
__all__ = ["quick_goodbyes"]  # a fixture


@pytest.fixture
def over(make_search: Callable[..., Search]) -> Search:
    """Ten old events, the fourth and the seventh with a new best; the search is finished."""
    search = make_search()
    search.events.all().delete()
    Search.objects.filter(pk=search.pk).update(events_count=0, status=SearchStatus.FINISHED)
    for number in range(1, 11):
        record(search, number in (4, 7))
    SearchEvent.objects.update(created_at=timezone.now() - timedelta(days=31))
    search.refresh_from_db()
    return search


def record(search: Search, best: bool) -> None:
    with transaction.atomic():
        payload = {"index": 0, "reward": 0.5, "best": best}
        recorder.record(recorder.lock(search.pk), EventKind.CANDIDATE_FINISHED, payload)


def seqs(search: Search) -> list[int]:
    return list(search.events.order_by("seq").values_list("seq", flat=True))


@pytest.mark.django_db
def test_what_is_kept_are_new_bests_and_the_last_event(over: Search) -> None:
    assert retention.prune(DAYS) == 7
    assert seqs(over) == [4, 7, 10]
    assert retention.prune(DAYS) == 0


@pytest.mark.django_db
def test_numbers_go_on_where_they_were(over: Search) -> None:
    retention.prune(DAYS)
    record(over, best=False)
    assert seqs(over) == [4, 7, 10, 11]


@pytest.mark.django_db
@pytest.mark.parametrize("status", [SearchStatus.QUEUED, SearchStatus.RUNNING, SearchStatus.PAUSED])
def test_a_search_that_is_not_over_keeps_all(over: Search, status: str) -> None:
    Search.objects.filter(pk=over.pk).update(status=status)
    assert retention.prune(DAYS) == 0


@pytest.mark.django_db
def test_young_events_stay(over: Search) -> None:
    SearchEvent.objects.filter(search=over, seq__gt=3).update(created_at=timezone.now() - timedelta(days=29))
    assert retention.prune(DAYS) == 3
    assert seqs(over) == [4, 5, 6, 7, 8, 9, 10]


@pytest.mark.django_db
def test_batches_remove_the_same(over: Search, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    assert retention.prune(DAYS, most=3) == 4  # whole batches
    assert retention.prune(DAYS) == 3
    assert seqs(over) == [4, 7, 10]


@pytest.mark.django_db
def test_the_command_says_how_many(over: Search, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("prune", "--events-older-than", "30")
    assert capsys.readouterr().out == "7 events removed.\n"


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["0", "-3", "many", "99999999999"])
def test_the_command_refuses_what_is_no_number_of_days(over: Search, text: str) -> None:
    with pytest.raises(CommandError, match="whole number of days"):
        call_command("prune", f"--events-older-than={text}")
    assert len(seqs(over)) == 10


@pytest.fixture
def turn() -> Iterator[None]:
    forget = [control_pass._key("turn.prune")]
    with control_pass.client() as server:
        server.delete(*forget)
        yield
        server.delete(*forget)


@pytest.mark.django_db
def test_the_control_worker_does_it_once_a_day(over: Search, turn: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.RETENTION_DAYS == retention.prune_daily() == 0
    monkeypatch.setattr(settings, "RETENTION_DAYS", 30)
    assert retention.prune_daily() == 7
    SearchEvent.objects.filter(search=over).update(created_at=timezone.now() - timedelta(days=31))
    record(over, best=False)
    assert retention.prune_daily() == 0  # not before tomorrow
    with control_pass.client() as server:
        server.delete(control_pass._key("turn.prune"))
    assert retention.prune_daily() == 1


@pytest.mark.django_db
def test_a_large_backlog_goes_pass_by_pass(over: Search, turn: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "RETENTION_DAYS", 30)
    monkeypatch.setattr(retention, "BATCH", 3)
    monkeypatch.setattr(retention, "MOST_A_PASS", 3)
    assert [retention.prune_daily() for _ in range(4)] == [3, 3, 1, 0]


@pytest.mark.django_db
@pytest.mark.parametrize(("after", "pruned"), [(0, True), (3, False), (4, True), (6, False), (9, False), (10, False)])
def test_the_api_says_that_events_are_missing(over: Search, mine: Client, after: int, pruned: bool) -> None:
    """After 3 the best of 4 comes first; it and what follows it have a gap between them."""
    retention.prune(DAYS)
    answer = mine.get(f"/api/searches/{over.pk}/events", {"after": after, "limit": 1}).json()
    assert answer["pruned"] is pruned
    assert answer["last_seq"] == 10


async def ask(search: Search, owner: User, after: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is answered, and what comes next once one more event is written."""
    socket = await connect(search.pk, owner)
    await socket.send(f'{{"type": "replay", "after": {after}}}')
    answer = await socket.receive(kinds=("events", "pruned", "error"))
    await database_sync_to_async(record)(search, False)
    following = await socket.receive(kinds=("events", "pruned", "error"))
    await socket.disconnect()
    return answer, following


@pytest.mark.django_db(transaction=True)
async def test_a_browser_that_misses_removed_events_is_sent_to_the_snapshot_once(over: Search, owner: User) -> None:
    await database_sync_to_async(retention.prune)(DAYS)
    answer, following = await ask(over, owner, 2)
    assert (answer["type"], answer["last_seq"], answer["summary"]["id"]) == ("pruned", 10, over.pk)
    assert [event["seq"] for event in following["events"]] == [11]


@pytest.mark.django_db(transaction=True)
async def test_a_browser_that_has_the_last_event_goes_on(over: Search, owner: User) -> None:
    await database_sync_to_async(retention.prune)(DAYS)
    answer, following = await ask(over, owner, 10)
    assert (answer["type"], answer["events"]) == ("events", [])
    assert [event["seq"] for event in following["events"]] == [11]
