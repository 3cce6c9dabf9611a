"""The engine's own errors as messages of a field."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from engine.errors import EngineError

T = TypeVar("T")


def as_value_error(check: Callable[[], T]) -> T:
    """pydantic turns a ValueError into a field's message; the engine's own errors become one here."""
    try:
        return check()
    except EngineError as error:
        raise ValueError(str(error).rstrip(".")) from None
