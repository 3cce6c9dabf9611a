"""A list of rules as CSV and JSON, in pieces: the first goes out at once, and memory holds a thousand rows."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from django.db.models import F

from searchapp.models import Candidate, Search
from searchapp.rules.listing import ranks
from searchapp.rules.orders import Ordered, Rows

PIECE = 1000  # rows
FIELDS = (
    "rank", "index", "rule", "reward", "confirmed_mean", "confirmed_std", "confirmed_n", "complexity",
    "times_proposed", "round", "first_seen", "learning_rate", "status", "outcome", "reason", "duplicate_of",
    "fingerprint", "seconds", "tags", "notes",
)  # fmt: skip
_SAME = (
    "index", "reward", "confirmed_mean", "confirmed_std", "confirmed_n", "complexity", "times_proposed",
    "learning_rate", "status", "outcome", "reason", "fingerprint", "seconds", "tags", "notes",
)  # fmt: skip
_ACTS = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for the start of a formula


def csv_pieces(search: Search, rows: Rows, order: str) -> Iterator[str]:
    """A head, then a line a rule. Texts that a spreadsheet would execute have an apostrophe before them."""
    yield "\ufeff" + _lines([FIELDS])  # the mark tells spreadsheets that it is UTF-8
    for piece in _pieces(search, rows, order):
        yield _lines([[harmless(row[name]) for name in FIELDS] for row in piece])


def json_pieces(search: Search, rows: Rows, order: str) -> Iterator[str]:
    """``{"search": …, "rules": [{…}, …]}``; the rows are as in the CSV, with nothing put before their texts."""
    yield f'{{"search": {json.dumps({"id": search.pk, "name": search.name})}, "rules": [\n'
    is_first = True
    for piece in _pieces(search, rows, order):
        yield ("" if is_first else ",\n") + ",\n".join(json.dumps(row, ensure_ascii=False) for row in piece)
        is_first = False
    yield "\n]}\n"


def harmless(value: Any) -> Any:
    """``-g`` -> ``'-g``: read by Excel, LibreOffice and Google as a text and not as a formula. Numbers stay."""
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    return f"'{value}" if isinstance(value, str) and value.startswith(_ACTS) else value


def _lines(rows: Any) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _pieces(search: Search, rows: Rows, order: str) -> Iterator[list[dict[str, Any]]]:
    """The keys are read once, so that rows that change meanwhile neither repeat nor go missing."""
    keys = Ordered(rows, order).all()
    places = ranks(search, keys)
    for start in range(0, len(keys), PIECE):
        piece = keys[start : start + PIECE]
        found = Candidate.objects.filter(pk__in=piece).select_related("round").defer("tokens", "words")
        by_key = {row.pk: row for row in found.annotate(first=F("duplicate_of__index"))}
        yield [_record(by_key[key], places.get(key)) for key in piece if key in by_key]


def _record(row: Any, rank: int | None) -> dict[str, Any]:
    first_seen = row.started_at or row.sent_at or row.finished_at
    more = {
        "rank": rank,
        "rule": row.text,
        "round": row.round.number,
        "first_seen": first_seen and first_seen.isoformat(),
        "duplicate_of": row.first,
    }
    record = {**{name: getattr(row, name) for name in _SAME}, **more}
    return {name: record[name] for name in FIELDS}
