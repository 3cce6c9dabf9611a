"""One page of a list of rules, with each rule's place in the ranking."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db.models import F

from engine.errors import RuleError
from engine.language import Rule, printer
from searchapp.models import Candidate, Search
from searchapp.rules.orders import DEFAULT, Ordered, Rows, parts

ROWS = (25, 50, 100, 200)
_NOT_SHOWN = ("tokens", "notes", "words")


@dataclass(frozen=True, slots=True)
class Forms:
    """How a rule is copied; Python is empty for random rules, whose draws only the optimizer file keeps apart."""

    latex: str
    python: str
    mathml: str


@dataclass(frozen=True, slots=True)
class Row:
    candidate: Candidate
    rank: int | None  # None: no place in the ranking
    first: int | None  # the index of the rule that it repeats
    forms: Forms | None  # None: a rule that this version cannot read

    @property
    def seen(self) -> datetime | None:
        """When it was first sent to a worker; a rule that was not trained, when it was written."""
        row = self.candidate
        return row.started_at or row.sent_at or row.finished_at


@dataclass(frozen=True, slots=True)
class Page:
    """Rows `start` to `end` (counted from 1) of `total`; page `number` of `pages`."""

    rows: list[Row]
    number: int
    pages: int
    total: int
    start: int
    end: int


def page(search: Search, rows: Rows, *, order: str, number: int, length: int, is_whole: bool = False) -> Page:
    """A page of the rows in this order. A number past the end gives the last page; at most eight queries.

    Args:
        is_whole: no ranked rule is left out, so that in the order of rank a row's place is its rank.
    """
    ordered = Ordered(rows, order)
    total = len(ordered)
    pages = max(1, -(-total // length))
    number = max(1, min(number, pages))
    start = (number - 1) * length
    keys = ordered.page(start, length)
    found = _by_key(keys)
    ranked = [key for key in keys if _may_rank(found[key])]
    if is_whole and order == DEFAULT:
        places = {key: start + k for k, key in enumerate(ranked, 1)}
    else:
        places = ranks(search, ranked)
    shown = [_row(found[key], places.get(key)) for key in keys]
    return Page(shown, number, pages, total, start + 1 if total else 0, start + len(shown))


def ranks(search: Search, keys: Iterable[int]) -> dict[int, int]:
    """The place of each of these candidates in the ranking of its search, from 1."""
    wanted = set(keys)
    ranking = _ranking(search.pk, search.created_at, search.events_count) if wanted else ()
    return {key: place for place, key in enumerate(ranking, 1) if key in wanted}


@lru_cache(maxsize=8)
def _ranking(search_id: int, created_at: datetime, events_count: int) -> array[int]:
    """Primary keys in the order of rank: the confirmed, then the others that have a place.

    Whatever changes a ranking is an event, so it holds for as long as no event is added.
    """
    rows, found = Candidate.objects.filter(search_id=search_id), array("q")
    for which, order in parts(DEFAULT)[:2]:
        found.extend(rows.filter(which).order_by(*order).values_list("pk", flat=True))
    return found


def _by_key(keys: list[int]) -> dict[int, Candidate]:
    rows = Candidate.objects.filter(pk__in=keys).select_related("round").defer(*_NOT_SHOWN)
    return {row.pk: row for row in rows.annotate(first=F("duplicate_of__index"))}


def _may_rank(row: Candidate) -> bool:
    """RANKED or CONFIRMED, of a row that was read."""
    ranked = row.reward is not None and row.duplicate_of_id is None and row.outcome != "screened"
    return ranked or row.confirmed_mean is not None


def _row(candidate: Candidate, rank: int | None) -> Row:
    return Row(candidate, rank, getattr(candidate, "first", None), forms(candidate.text))


@lru_cache(maxsize=4096)
def forms(text: str) -> Forms | None:
    try:
        rule = Rule.parse(text)
    except RuleError:
        return None
    return Forms(rule.latex, "" if rule.uses("random") else printer.write(rule.tree, "python"), rule.mathml)
