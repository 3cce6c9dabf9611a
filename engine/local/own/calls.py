"""Calls of the user's own code: what it raises becomes one sentence that names it, with the error as its cause."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from engine.errors import ChildError, EngineError


@contextmanager
def calling(name: str) -> Iterator[None]:
    """
    Raises:
        ChildError: what ``name`` raised; its ``__cause__`` is the error itself, with its traceback.
    """
    try:
        yield
    except EngineError:
        raise
    except Exception as error:
        first_line = (str(error).splitlines() or [""])[0].rstrip(".")
        raise ChildError(f"{name} raised {type(error).__name__}: {first_line}.") from error
