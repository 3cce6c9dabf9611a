"""The live page's socket: its owner's alone, replays everything after a number, survives nonsense and lost hints."""

import json
from collections.abc import Callable

import pytest
from asgiref.sync import sync_to_async
from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter
from channels_redis.core import RedisChannelLayer
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from searchapp import consumers, services
from searchapp.consumers import NOT_FOUND, NOT_SIGNED_IN, TOO_MUCH, SearchConsumer
from searchapp.frames import LONGEST_FRAME, MOST_FRAMES
from searchapp.models import Search
from searchapp.routing import websocket_urlpatterns
from tests.searchapp.sockets import Socket
from tests.searchapp.test_recorder import write

pytestmark = pytest.mark.django_db(transaction=True)
MakeSearch = Callable[..., Search]
APPLICATION = AuthMiddlewareStack(URLRouter(websocket_urlpatterns))


@pytest.fixture(autouse=True)
def quick_goodbyes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket that leaves may wait for a blocking read of Redis that another one began."""
    monkeypatch.setattr(RedisChannelLayer, "brpop_timeout", 1)


def cookie_of(user: User | None) -> list[tuple[bytes, bytes]]:
    client = Client()
    if user:
        client.force_login(user)
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    return [(b"cookie", cookies.encode())] if cookies else []


async def connect(search_id: int, user: User | None) -> Socket:
    socket = Socket(APPLICATION, f"/ws/searches/{search_id}/", await sync_to_async(cookie_of)(user))
    await socket.connect()
    return socket


@pytest.fixture
def search(make_search: MakeSearch) -> Search:
    return make_search()


awrite = sync_to_async(write)


async def test_the_owner_gets_all_events_and_the_summary(search: Search, owner: User) -> None:
    socket = await connect(search.pk, owner)
    message = await socket.replay()
    assert (message["type"], message["last_seq"]) == ("events", 2)
    assert [event["seq"] for event in message["events"]] == [1, 2]
    assert message["summary"]["name"] == "small"
    await socket.disconnect()


async def test_a_stranger_and_an_unknown_search_get_the_same_answer(
    search: Search, owner: User, stranger: User
) -> None:
    for search_id, user in ((search.pk, stranger), (search.pk + 1000, owner), (10**30, owner)):
        assert await (await connect(search_id, user)).closing_code() == NOT_FOUND


async def test_who_is_not_signed_in_is_told_so(search: Search) -> None:
    assert await (await connect(search.pk, None)).closing_code() == NOT_SIGNED_IN


async def test_a_refused_socket_answers_no_request(search: Search, stranger: User) -> None:
    socket = await connect(search.pk, stranger)
    await socket.send('{"type": "replay", "after": 0}')
    assert (await socket.receive_output(3))["type"] == "websocket.close"
    assert await socket.receive_nothing()
    await socket.disconnect()


async def test_new_events_come_by_themselves_after_the_first_request(search: Search, owner: User) -> None:
    socket = await connect(search.pk, owner)
    assert await socket.receive_nothing()  # the page reads its snapshot first
    await socket.replay(2)
    await awrite(search, {"index": 1})
    message = await socket.receive(3)
    assert [event["seq"] for event in message["events"]] == [3]
    await socket.disconnect()


async def test_a_reconnected_browser_gets_exactly_what_it_missed(search: Search, owner: User) -> None:
    first = await connect(search.pk, owner)
    seen = (await first.replay())["last_seq"]
    await first.disconnect()
    for number in range(3):
        await awrite(search, {"number": number})
    second = await connect(search.pk, owner)
    message = await second.replay(seen)
    assert [event["payload"].get("number") for event in message["events"]] == [0, 1, 2]
    assert (await second.replay(message["last_seq"]))["events"] == []
    await second.disconnect()


async def test_a_long_history_comes_in_chunks_without_gaps(
    search: Search, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "EVENTS_A_MESSAGE", 4)
    monkeypatch.setattr(consumers, "BETWEEN_MESSAGES", 0.01)
    for number in range(9):
        await awrite(search, {"number": number})
    socket = await connect(search.pk, owner)
    messages = [await socket.replay(), await socket.receive(), await socket.receive()]
    assert [len(message["events"]) for message in messages] == [4, 4, 3]
    assert [event["seq"] for message in messages for event in message["events"]] == list(range(1, 12))
    await socket.disconnect()


async def test_many_changes_become_few_messages(search: Search, owner: User) -> None:
    socket = await connect(search.pk, owner)
    await socket.replay(2)
    for number in range(20):
        await awrite(search, {"number": number})
    events: list[int] = []
    messages = 0
    while len(events) < 20:
        message = await socket.receive(5)
        events += [event["seq"] for event in message["events"]]
        messages += 1
    assert events == list(range(3, 23))
    assert messages < 20
    await socket.disconnect()


async def test_without_hints_the_socket_looks_by_itself(
    search: Search, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SearchConsumer, "look_every", 0.1)
    monkeypatch.setattr("searchapp.recorder.hint", lambda search_id: None)
    socket = await connect(search.pk, owner)
    await socket.replay(2)
    await awrite(search, {})
    assert len((await socket.receive(3))["events"]) == 1
    await socket.disconnect()


NONSENSE = [
    "", "nonsense", "[]", "null", '"replay"', "{}", '{"type": "shutdown"}', '{"type": "replay", "after": -1}',
    '{"type": "replay", "after": "1"}', '{"type": "replay", "after": true}', '{"type": "replay", "after": 1e400}',
    '{"type": "replay", "after": null}', '{"type": "replay", "after": 99999999999999999999}', "[" * 900,
]  # fmt: skip


@pytest.mark.parametrize("frame", NONSENSE)
async def test_a_frame_that_is_no_request_gets_a_sentence_and_the_socket_lives(
    search: Search, owner: User, frame: str
) -> None:
    socket = await connect(search.pk, owner)
    await socket.send(frame)
    answer = await socket.receive()
    assert answer["type"] == "error"
    assert answer["message"].endswith(".")
    assert (await socket.replay())["last_seq"] == 2
    await socket.disconnect()


async def test_a_binary_frame_gets_a_sentence_too(search: Search, owner: User) -> None:
    socket = await connect(search.pk, owner)
    await socket.send(data=b"\xff\x00")
    assert (await socket.receive())["type"] == "error"
    await socket.disconnect()


async def test_a_frame_that_is_too_large_closes(search: Search, owner: User) -> None:
    socket = await connect(search.pk, owner)
    await socket.send(json.dumps({"type": "replay", "after": 0, "more": "x" * LONGEST_FRAME}))
    assert await socket.closing_code() == TOO_MUCH


async def test_too_many_frames_close(search: Search, owner: User) -> None:
    socket = await connect(search.pk, owner)
    for _ in range(MOST_FRAMES + 1):
        await socket.send("nonsense")
    assert await socket.closing_code() == TOO_MUCH


async def test_signing_out_closes_the_socket(search: Search, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SearchConsumer, "check_every", 0.1)
    headers = await sync_to_async(cookie_of)(owner)
    socket = Socket(APPLICATION, f"/ws/searches/{search.pk}/", headers)
    await socket.connect()
    await socket.replay()
    client = Client()
    client.cookies.load(headers[0][1].decode())
    assert settings.SESSION_COOKIE_NAME in client.cookies
    await sync_to_async(client.logout)()
    assert await socket.closing_code() == NOT_SIGNED_IN


async def test_a_search_that_changes_hands_closes_the_old_owners_socket(
    search: Search, owner: User, stranger: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SearchConsumer, "check_every", 0.1)
    socket = await connect(search.pk, owner)
    await socket.replay()
    await Search.objects.filter(pk=search.pk).aupdate(owner=stranger)
    assert await socket.closing_code() == NOT_FOUND


async def test_without_redis_the_socket_still_answers(
    search: Search, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unreachable(*_: object) -> None:
        raise ConnectionError("Redis is down")

    monkeypatch.setattr("channels_redis.core.RedisChannelLayer.group_add", unreachable)
    socket = await connect(search.pk, owner)
    assert (await socket.replay())["last_seq"] == 2
    await socket.disconnect()


async def test_two_browsers_see_the_same(search: Search, owner: User) -> None:
    one, two = await connect(search.pk, owner), await connect(search.pk, owner)
    await one.replay(2), await two.replay(2)
    await sync_to_async(services.pause_search)(search=search)
    first, second = await one.receive(3), await two.receive(3)
    assert first == second
    assert first["summary"]["status"] == "paused"
    await one.disconnect()
    await two.disconnect()
