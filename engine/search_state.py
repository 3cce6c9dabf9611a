"""A search's state as bytes: written with its format and configuration, read without trusting what they hold."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from typing import Any

import torch

from engine.config import SearchConfig
from engine.errors import SearchStateError

FORMAT = 1


def config_digest(config: SearchConfig) -> str:
    """Names the part of a configuration that a state belongs to. The budget is not in it: it may be extended."""
    text = config.model_copy(update={"budget": 1}).model_dump_json()
    return hashlib.sha256(text.encode()).hexdigest()


def write_state(config: SearchConfig, state: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    torch.save({"format": FORMAT, "config": config_digest(config), "state": state}, buffer)
    return buffer.getvalue()


def read_state(config: SearchConfig, blob: bytes, restore: Callable[[dict[str, Any]], None]) -> None:
    """Checks the bytes and hands the state to ``restore``.

    Raises:
        SearchStateError: they are damaged, or of another format or configuration.
    """
    saved = _unpacked(blob)
    if saved.get("format") != FORMAT:
        raise SearchStateError(f"The saved search has format {saved.get('format')!r}; this version reads {FORMAT}.")
    if saved.get("config") != config_digest(config):
        raise SearchStateError("The saved search belongs to another configuration.")
    try:
        restore(saved["state"])
    except Exception as error:  # Whatever a damaged state makes fail, the search cannot go on from it.
        raise SearchStateError(f"The saved search is damaged: {type(error).__name__}: {error}") from error


def _unpacked(blob: bytes) -> dict[str, Any]:
    try:
        saved = torch.load(io.BytesIO(blob), weights_only=True)
    except Exception as error:  # torch.load raises nearly anything on bytes that are not its own.
        raise SearchStateError("The saved search is damaged: it cannot be read.") from error
    if not isinstance(saved, dict):
        raise SearchStateError("The saved search is damaged: it holds something else.")
    return saved
