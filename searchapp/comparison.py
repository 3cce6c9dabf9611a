"""Searches side by side: what differs in their settings, what they came to, and how their best rewards rose."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from searchapp import selectors
from searchapp.best_so_far import Steps, best_so_far
from searchapp.cost import with_cost
from searchapp.forms import texts
from searchapp.models import Search

MOST_COMPARED = 8
NOT_SET = "—"


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting of all compared searches.

    Attributes:
        path: where it stands in a configuration, such as `child.protocol.epochs`.
        title: the path in words.
        values: as text, one a search; `—` where a search has no such setting.
    """

    path: str
    title: str
    values: tuple[str, ...]

    @property
    def differs(self) -> bool:
        return len(set(self.values)) > 1


@dataclass(frozen=True, slots=True)
class Comparison:
    searches: list[Search]
    settings: list[SettingRow]
    steps: dict[int, Steps]

    @property
    def differing(self) -> list[SettingRow]:
        return [row for row in self.settings if row.differs]

    @property
    def same(self) -> list[SettingRow]:
        return [row for row in self.settings if not row.differs]


def compared(user: AbstractBaseUser | AnonymousUser, ids: list[int]) -> Comparison | None:
    """These searches in this order; None when one of them is not this person's. Two queries."""
    rows = {search.pk: search for search in with_cost(selectors.searches_of(user)).filter(pk__in=ids)}
    if not set(ids) <= set(rows):
        return None
    searches = [rows[pk] for pk in ids]
    return Comparison(searches, settings_of(search.config for search in searches), best_so_far(ids))


def settings_of(configs: Iterable[dict[str, Any]]) -> list[SettingRow]:
    """Every setting that any of them has, in the order of the first configuration that has it."""
    flat = [dict(_flat("", config)) for config in configs]
    paths = dict.fromkeys(path for one in flat for path in one)
    return [SettingRow(path, _title(path), tuple(one.get(path, NOT_SET) for one in flat)) for path in paths]


def _flat(path: str, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [pair for name, part in value.items() for pair in _flat(f"{path}.{name}" if path else name, part)]
    return [(path, texts.to_text(value))]


def _title(path: str) -> str:
    return " · ".join(
        texts.title(part) if place == 0 else part.replace("_", " ") for place, part in enumerate(path.split("."))
    )
