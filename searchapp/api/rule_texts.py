"""The equations of a few rules by their numbers: the live page's tables ask for those they show."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from engine.language import Rule
from searchapp.access import own_search
from searchapp.api.schemas import Message

MOST = 100
router = Router(tags=["searches"])


class RuleText(Schema):
    index: int
    text: str
    mathml: str


@router.get("/{int:search_id}/rules", response={200: list[RuleText], 404: Message}, summary="Equations of some rules")
def get_rules(
    request: HttpRequest, search_id: int, index: Annotated[list[int], Query(description="At most 100 are answered.")]
) -> Any:
    """The rules with these numbers, in the order of their numbers; numbers that no rule has are passed over."""
    wanted = [number for number in index if 0 <= number < 2**31][:MOST]
    rows = own_search(request, search_id).candidates.filter(index__in=wanted).order_by("index")
    return [
        {"index": i, "text": text, "mathml": Rule.parse(text).mathml} for i, text in rows.values_list("index", "text")
    ]
