"""What happens in a search becomes a numbered row first, then a hint to the browsers that watch."""

import asyncio
import logging
from functools import partial
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

from searchapp.models import Search, SearchEvent

log = logging.getLogger(__name__)

HINT_SECONDS = 2  # longer than that, Redis counts as unreachable


def group_name(search_id: int) -> str:
    return f"search.{search_id}"


def lock(search_id: int) -> Search:
    """The search, its row locked until the transaction ends. Take this lock before any of its candidates' rows."""
    return Search.objects.select_for_update(no_key=True).get(pk=search_id)


def record(search: Search, kind: str, payload: dict[str, Any]) -> SearchEvent:
    """Write the next event of a search whose row the caller has locked (`lock`).

    The number is taken under the row lock, so numbers become visible in their order and without gaps.
    """
    search.events_count += 1
    search.save(update_fields=["events_count"])
    event = SearchEvent.objects.create(search=search, seq=search.events_count, kind=kind, payload=payload)
    transaction.on_commit(partial(hint, search.pk), robust=True)
    return event


def hint(search_id: int) -> None:
    """Tell the watching consumers that there is something to read. They look by themselves when this is lost."""
    try:
        async_to_sync(_send_hint)(search_id)
    except Exception as error:  # a lost hint costs a watcher five seconds; the caller's work must not fail for it
        log.warning("no hint for search %s: %s: %s", search_id, type(error).__name__, error)


async def _send_hint(search_id: int) -> None:
    message = {"type": "search.changed", "search": search_id}
    await asyncio.wait_for(get_channel_layer().group_send(group_name(search_id), message), HINT_SECONDS)
