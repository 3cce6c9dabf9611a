"""A rule as an optimizer file, for programs: what the button on the rule's page downloads."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from searchapp.api.schemas import Message
from searchapp.views.rules import rule_export

router = Router(tags=["searches"])
FILE: dict[str, Any] = {
    "responses": {200: {"description": "The file.", "content": {"text/x-python": {"schema": {"type": "string"}}}}}
}


@router.get(
    "/{int:search_id}/candidates/{int:index}/optimizer.py",
    response={404: Message},
    summary="Optimizer file",
    openapi_extra=FILE,
)
def get_optimizer_file(request: HttpRequest, search_id: int, index: int) -> Any:
    """The rule as one Python file that needs only torch; its name is in `Content-Disposition`."""
    return rule_export(request, search_id, index)
