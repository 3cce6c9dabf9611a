"""The events of a search, as the live page gets them: for programs that follow it by asking."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from searchapp import selectors
from searchapp.access import own_search
from searchapp.api.schemas import Message, Summary
from searchapp.retention import has_gap

LARGEST = 2**63 - 1  # of what databases hold
router = Router(tags=["searches"])


class Event(Schema):
    """What happened. `seq` counts 1, 2, 3, … in each search, without gaps while none is removed."""

    seq: int
    kind: str
    payload: dict[str, Any]
    at: str


class Events(Schema):
    """Events in order; `last_seq` is the newest there is: where it is larger than the last event's, ask again.

    `pruned`: old events among these were removed (numbers are missing); what they led to stands in the snapshot.
    """

    events: list[Event]
    pruned: bool
    last_seq: int
    summary: Summary


@router.get("/{int:search_id}/events", response={200: Events, 404: Message}, summary="Events after a number")
def get_events(
    request: HttpRequest,
    search_id: int,
    after: int = Query(0, ge=0, le=LARGEST, description="The `seq` of the last event that you have; 0: none."),
    limit: int = Query(500, ge=1, le=1000, description="Events in one answer, at most."),
) -> Any:
    """Everything that happened after the event `after`, the oldest first, and the search's summary now."""
    search = own_search(request, search_id)
    events = selectors.events_after(search.pk, after, limit)
    summary, last_seq = selectors.fresh_summary(search.pk)
    return {"events": events, "pruned": has_gap(after, events), "last_seq": last_seq, "summary": summary}
