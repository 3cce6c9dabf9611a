"""The live page's websocket: replays a search's events from the database and follows it.

The channel layer only hints that something changed; what is sent is always read from the database, in the order of
`seq`, so a lost or doubled hint changes nothing.
"""

import asyncio
import json
import logging
import time
from contextlib import suppress
from importlib import import_module
from typing import Any

from channels.auth import get_user
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder

from searchapp import selectors
from searchapp.frames import LONGEST_FRAME, BadFrame, FrameRate, read_replay
from searchapp.log_context import begin
from searchapp.models import Search
from searchapp.recorder import group_name
from searchapp.retention import has_gap
from searchapp.watching.attendance import workers_on
from searchapp.watching.news import News

log = logging.getLogger(__name__)
SessionStore = import_module(settings.SESSION_ENGINE).SessionStore

NOT_SIGNED_IN, NOT_FOUND, TOO_MUCH = 4401, 4404, 4429  # close codes
EVENTS_A_MESSAGE = 500
BETWEEN_MESSAGES = 0.25  # seconds: at most four messages a second
LOOK_EVERY = 5.0  # seconds, when no hint comes
WORKERS_EVERY = 5.0  # seconds between two lists of the workers
CHECK_EVERY = 30.0  # seconds, that the browser is still signed in and the search its owner's


class NowhereConsumer(AsyncWebsocketConsumer):
    """An address that leads nowhere: closed as a search that does not exist is."""

    async def connect(self) -> None:
        await self.accept()
        await self.close(NOT_FOUND)


class SearchConsumer(AsyncWebsocketConsumer):
    """One browser that watches one search."""

    look_every, check_every, workers_every = LOOK_EVERY, CHECK_EVERY, WORKERS_EVERY

    async def connect(self) -> None:
        self.search_id: int = self.scope["url_route"]["kwargs"]["search_id"]
        begin(search=self.search_id)
        self.after: int | None = None  # the seq that the browser has; None before its first replay request
        self.must_answer = False  # a replay request is answered even when there is nothing new
        self.rate, self.wake = FrameRate(), asyncio.Event()
        self.follower: asyncio.Task[None] | None = None
        self.news, self.teller = News(self._send), None
        await self.accept()  # a browser learns the closing code only of a socket that was open
        refused = await self._refusal()
        if refused:
            await self.close(refused)
            return
        await self._join()  # before anything is read, so that nothing falls between
        self.follower = asyncio.create_task(self._follow())
        self.teller = asyncio.create_task(self.news.tell_for_ever())

    async def disconnect(self, code: int) -> None:
        for task in (self.follower, self.teller):
            if task:
                task.cancel()
        try:
            await self.channel_layer.group_discard(group_name(self.search_id), self.channel_name)
        except Exception as error:  # Redis is away: the membership ends by itself
            log.warning("search %s: group not left: %s", self.search_id, error)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.follower is None:
            return  # refused; the socket is closing
        if not self.rate.allows() or len(text_data or bytes_data or "") > LONGEST_FRAME:
            await self.close(TOO_MUCH)
            return
        try:
            self.after = read_replay(text_data or "")
        except BadFrame as error:
            await self._send({"type": "error", "message": str(error)})
        else:
            self.must_answer = True
            self.wake.set()

    async def search_changed(self, message: dict[str, Any]) -> None:
        """The recorder's hint."""
        self.wake.set()

    async def search_training(self, message: dict[str, Any]) -> None:
        """A worker tells how far its child is. Lost ones do not matter: the next one holds all of it."""
        if self.after is not None:
            self.news.add(message["child"])

    async def _follow(self) -> None:
        """Send what is new whenever there is a hint, and look without one every five seconds."""
        try:
            await self._follow_for_ever()
        except asyncio.CancelledError:
            raise
        except Exception:  # the browser comes back by itself, and asks for what it missed
            log.exception("search %s: a watcher's socket is given up", self.search_id)
            await self.close(1011)

    async def _follow_for_ever(self) -> None:
        checked, told = time.monotonic(), -self.workers_every
        while True:
            await self._wait()
            if time.monotonic() - checked >= self.check_every:
                refused = await self._refusal()
                if refused:
                    await self.close(refused)
                    return
                checked = time.monotonic()
            while await self._send_new():
                await asyncio.sleep(BETWEEN_MESSAGES)
            told = await self._send_workers(told)

    async def _wait(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self.wake.wait(), min(self.look_every, self.check_every))
        self.wake.clear()

    async def _send_new(self) -> bool:
        """Send the next message, if there is one; true when it was sent."""
        if self.after is None:
            return False
        answer, self.must_answer = self.must_answer, False
        message = await database_sync_to_async(_message)(self.search_id, self.after, answer)
        if message is None:
            return False
        self.after = _seq_after(message, self.after)
        await self._send(message)
        return True

    async def _send_workers(self, told: float) -> float:
        """Send who works, every five seconds, and return when that was last done."""
        if self.after is None or time.monotonic() - told < self.workers_every:
            return told
        workers = await database_sync_to_async(_workers)(self.search_id)
        await self._send({"type": "workers", "workers": workers})
        return time.monotonic()

    async def _send(self, message: dict[str, Any]) -> None:
        await self.send(text_data=json.dumps(message, cls=DjangoJSONEncoder))

    async def _join(self) -> None:
        try:
            await self.channel_layer.group_add(group_name(self.search_id), self.channel_name)
        except Exception as error:  # without Redis the page is five seconds late, no more
            log.warning("search %s: no hints: %s", self.search_id, error)

    async def _refusal(self) -> int | None:
        """The code to close with, or None while this browser may watch. Signing out ends the session it came with."""
        session = SessionStore(self.scope["session"].session_key)  # as it is now, not as it was at connect
        user = await get_user({**self.scope, "session": session})
        if not user.is_authenticated:
            return NOT_SIGNED_IN
        found = await database_sync_to_async(selectors.find_search)(user, self.search_id)
        return None if found else NOT_FOUND


def _message(search_id: int, after: int, answer: bool) -> dict[str, Any] | None:
    """The events after `after` and the summary; None when there is nothing new and nobody asked.

    `pruned` in their place: some of them were removed, and the browser has to read the snapshot.
    """
    events = selectors.events_after(search_id, after, EVENTS_A_MESSAGE)
    if not events and not answer:
        return None
    summary, last_seq = selectors.fresh_summary(search_id)
    if has_gap(after, events):
        return {"type": "pruned", "last_seq": last_seq, "summary": summary}
    return {"type": "events", "events": events, "last_seq": last_seq, "summary": summary}


def _seq_after(message: dict[str, Any], after: int) -> int:
    """The seq that a browser has once it has this message; a snapshot that it then reads is at least as new."""
    if message["type"] == "pruned":
        return int(message["last_seq"])
    return int(message["events"][-1]["seq"]) if message["events"] else after


def _workers(search_id: int) -> list[dict[str, Any]]:
    return workers_on(Search.objects.select_related("queue").get(pk=search_id))
