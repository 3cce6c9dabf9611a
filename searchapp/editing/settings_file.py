"""A search's settings as a file: what the pages write, they and `manage.py search run --config` read."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

from pydantic import ValidationError

from engine.config import SearchConfig
from searchapp.models import Search

LARGEST_FILE = 256 * 1024  # bytes; the largest settings, with 100,000 characters of starting rules, have less
MOST_SENTENCES = 10


class BadSettingsFile(ValueError):
    """A file that holds no settings; `sentences` say what is wrong with it."""

    def __init__(self, *sentences: str) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


def file_name(search: Search) -> str:
    """`Signs on digits` -> `signs-on-digits.json`: small letters, digits and hyphens only."""
    plain = unicodedata.normalize("NFKD", search.name.casefold()).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60]
    return f"{stem or 'search'}.json"


def write_settings(config: dict[str, Any]) -> str:
    return json.dumps(config, indent=2, ensure_ascii=False) + "\n"


def read_settings(data: bytes) -> SearchConfig:
    """The settings in a file's bytes.

    Raises:
        BadSettingsFile: it is too large, no JSON, or its settings are not allowed.
    """
    if len(data) > LARGEST_FILE:
        raise BadSettingsFile(f"The file is larger than {LARGEST_FILE // 1024} KiB: no search has so many settings.")
    values = _values(data)
    try:
        return SearchConfig.model_validate(values)
    except ValidationError as error:
        raise BadSettingsFile(*_sentences(error)) from None


def _values(data: bytes) -> dict[str, Any]:
    try:
        values = json.loads(data.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise BadSettingsFile(f"The file is no JSON: {error.msg} in line {error.lineno}.") from None
    except (ValueError, RecursionError):
        raise BadSettingsFile("The file is no JSON.") from None
    if not isinstance(values, dict):
        raise BadSettingsFile("The file holds no settings: it must be one JSON object.")
    return values


def _sentences(error: ValidationError) -> list[str]:
    found = [
        f"{_path(item['loc'])}: {item['msg'].removeprefix('Value error, ').rstrip('.')}." for item in error.errors()
    ]
    more = len(found) - MOST_SENTENCES
    return found if more <= 0 else [*found[:MOST_SENTENCES], f"And {more} more."]


def _path(where: tuple[int | str, ...]) -> str:
    path = ".".join(map(str, where)) or "settings"
    return path if len(path) <= 80 else f"{path[:80]}…"
