"""What the pages of primitive sets read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import Http404
from pydantic import ValidationError

from engine.config import PrimitivesConfig
from searchapp import selectors
from searchapp.forms import primitives as forms
from searchapp.models import PrimitiveSet, PrimitiveSetVersion
from searchapp.sets import costs
from searchapp.sets.draft import sizes
from searchapp.sets.explained import explain_all

Holder = PrimitiveSet | PrimitiveSetVersion  # both have the three lists of tokens


@dataclass(frozen=True, slots=True)
class Line:
    """One set in the list; `size` is of two groups, the default of a search."""

    row: PrimitiveSet
    summary: str
    tokens: int
    size: str
    version: int | None
    saved_at: datetime | None


def overview(user: AbstractBaseUser | AnonymousUser) -> list[Line]:
    """Every set that the person may use, the built-in ones first: two queries."""
    rows = selectors.primitive_sets_for(user).prefetch_related("versions")
    return [_line(row, next(iter(row.versions.all()), None)) for row in rows]


def _line(row: PrimitiveSet, last: PrimitiveSetVersion | None) -> Line:
    tokens = checked(row)
    count = sum(len(getattr(row, kind)) for kind in forms.KINDS)
    size = dict(sizes(tokens))[2] if tokens else "—"
    number, at = (last.number, last.created_at) if last else (None, None)
    return Line(row, forms.summary_of(row), count, size, number, at)


def checked(row: Holder) -> PrimitivesConfig | None:
    """Its tokens as a search takes them; None where this version of the language no longer reads one."""
    try:
        return PrimitivesConfig(operands=row.operands, unary=row.unary, binary=row.binary)
    except ValidationError:
        return None


def version_shown(row: PrimitiveSet, wanted: str) -> PrimitiveSetVersion | None:
    """The version that an address asks for. Raises Http404."""
    if not wanted:
        return None
    found = row.versions.filter(number=wanted).first() if wanted.isdecimal() and len(wanted) < 10 else None
    if found is None:
        raise Http404("The set has no such version.")
    return found


def detail(row: PrimitiveSet, shown: PrimitiveSetVersion | None) -> dict[str, Any]:
    """Everything that the page of a set shows."""
    holder: Holder = shown or row
    tokens = checked(holder)
    return {
        "set": row,
        "shown": shown,
        "is_own": row.owner_id is not None,
        "summary": forms.summary_of(row),
        "sections": [
            (forms.KIND_TITLES[kind], explain_all(getattr(holder, kind), singular))
            for kind, singular in forms.KINDS.items()
        ],
        "sizes": sizes(tokens) if tokens else [],
        "state": costs.state_of(holder.operands),
        "versions": history(row),
    }


@dataclass(frozen=True, slots=True)
class Step:
    """A version, and what it added to and took from the one before."""

    version: PrimitiveSetVersion
    added: list[str]
    removed: list[str]
    is_newest: bool


def history(row: PrimitiveSet) -> list[Step]:
    """The versions of a set, the newest first."""
    rows = list(row.versions.order_by("-number"))
    steps = []
    for place, version in enumerate(rows):
        before = rows[place + 1] if place + 1 < len(rows) else None
        now, then = _all_tokens(version), _all_tokens(before) if before else []
        added = [text for text in now if text not in then] if before else []
        steps.append(Step(version, added, [text for text in then if text not in now], place == 0))
    return steps


def _all_tokens(row: Holder) -> list[str]:
    return [text for kind in forms.KINDS for text in getattr(row, kind)]


def counts(tokens: PrimitivesConfig) -> dict[str, int]:
    return {kind: len(getattr(tokens, kind)) for kind in forms.KINDS}
