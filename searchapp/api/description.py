"""What openapi.json says of the API as a whole; what it says of each address stands in that address's docstring."""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

ABOUT = """\
Searches of the person who asks: create them, follow them, read what they found. Somebody else's search is as unknown
as one that never was (404).

Programs send a token that its owner made under *Account, API tokens*: `Authorization: Bearer nos_…`. Browsers send
their session and, with requests that change something, Django's CSRF token in `X-CSRFToken`.

Errors are `{"message": "a sentence"}` (401, 404, 409, 415, 429), or `{"errors": {"child.protocol.epochs":
["a sentence"]}}` (422), with each field by its path.
"""
COMMON = {
    401: "Neither a session nor a valid token came with the request; the message says which.",
    400: "The body cannot be read: it is not JSON, or not in UTF-8.",
    404: "There is no such address, or what it names is not there or not yours.",
    429: "Too many requests with wrong tokens came from this address.",
}
FIELDS = "What is wrong, as sentences by field."
SENTENCES = {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}}
ERRORS = {"type": "object", "properties": {"errors": SENTENCES}, "required": ["errors"]}
MESSAGE = {"type": "object", "properties": {"message": {"type": "string"}}, "required": ["message"]}


class DescribedAPI(NinjaAPI):
    """Answers that every address may give are added to each of them here, once."""

    def __init__(self, **options: Any) -> None:
        super().__init__(title="Optimizer search", version="1", description=ABOUT, **options)

    def get_openapi_schema(self, **where: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**where)
        for path in schema["paths"].values():
            for operation in path.values():
                for code, text in COMMON.items():
                    operation["responses"].setdefault(code, _answer(text, MESSAGE))
                operation["responses"].setdefault(422, _answer(FIELDS, ERRORS))
        return schema


def _answer(text: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": text, "content": {"application/json": {"schema": schema}}}
