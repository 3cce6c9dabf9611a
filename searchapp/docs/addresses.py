"""The API's addresses for the documentation, read from the same OpenAPI description that programs read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from searchapp.api import api


@dataclass(frozen=True, slots=True)
class Address:
    method: str
    path: str
    summary: str
    description: str


@lru_cache(maxsize=1)
def all_addresses() -> list[Address]:
    paths = api.get_openapi_schema(path_prefix="/api/")["paths"]
    return [
        Address(method.upper(), path, operation.get("summary", ""), operation.get("description", ""))
        for path, operations in paths.items()
        for method, operation in operations.items()
    ]
