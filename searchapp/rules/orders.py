"""In which order a list of rules stands. Every order follows an index, so that any page of 100,000 rules is quick.

An order is a few parts one after another, each with an order of its own: rules that have the value, sorted by it,
then the rest in the order of proposal. So rules without a value stand last, whichever way the others are sorted.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Count, Q, QuerySet

from searchapp.models import Candidate
from searchapp.models.statuses import Outcome

Rows = QuerySet[Candidate]
Part = tuple[Q, tuple[str, ...]]  # which rows, in which order

# What is finished has a reward, and nothing else has: so the index alone answers.
RANKED = Q(reward__isnull=False, duplicate_of=None) & ~Q(outcome=Outcome.SCREENED)
CONFIRMED = Q(confirmed_mean__isnull=False)
_UNRANKED = Q(confirmed_mean=None) & (Q(reward=None) | Q(duplicate_of__isnull=False) | Q(outcome=Outcome.SCREENED))
BY_REWARD = ("-reward", "complexity", "index")
BY_MEAN = ("-confirmed_mean", "complexity", "index")
DEFAULT = "rank"


def _by_rank() -> list[Part]:
    """As on the leaderboard: the confirmed by mean, then by reward; what has no place in the ranking comes last."""
    return [(CONFIRMED, BY_MEAN), (RANKED & Q(confirmed_mean=None), BY_REWARD), (_UNRANKED, ("index",))]


def _by(field: str) -> Callable[[], list[Part]]:
    return lambda: [(Q(), (field, "index"))]


def _by_known(field: str, *more: str) -> Callable[[], list[Part]]:
    known = Q(**{f"{field.lstrip('-')}__isnull": False})
    return lambda: [(known, (field, *more)), (~known, ("index",))]


# Name in the address -> its parts. Numbers of which more is better begin with the most.
_ORDERS: dict[str, Callable[[], list[Part]]] = {
    "rank": _by_rank,
    "reward": _by_known(*BY_REWARD),
    "confirmed": _by_known(*BY_MEAN),
    "size": _by("complexity"),
    "times": lambda: [(Q(), ("-times_proposed", "-index"))],
    "first": lambda: [(Q(), ("index",))],
    "rate": _by_known("learning_rate", "index"),
    "outcome": _by("outcome"),
}
NAMES = tuple(_ORDERS)


def parts(order: str) -> list[Part]:
    """The parts of an order. ``-`` before its name turns every part around, not their sequence.

    Raises:
        KeyError: there is no order of this name.
    """
    found = _ORDERS[order.removeprefix("-")]()
    return [(which, tuple(map(_turn, by))) for which, by in found] if order.startswith("-") else found


def _turn(field: str) -> str:
    return field[1:] if field.startswith("-") else f"-{field}"


class Ordered:
    """Rows as one sequence of primary keys, for pages and exports. Every row is in exactly one part."""

    def __init__(self, rows: Rows, order: str) -> None:
        found = parts(order)
        self.parts = [rows.filter(which).order_by(*by) for which, by in found]
        self.counts = _counts(rows, [which for which, _ in found])

    def __len__(self) -> int:
        return sum(self.counts)

    def page(self, start: int, length: int) -> list[int]:
        """Primary keys of the rows from `start` on, at most `length`. Parts that do not reach into it ask nothing."""
        keys: list[int] = []
        for part, count in zip(self.parts, self.counts, strict=True):
            wanted = length - len(keys)
            if start < count and wanted > 0:
                keys += part.values_list("pk", flat=True)[start : start + wanted]
            start = max(0, start - count)
        return keys

    def all(self) -> list[int]:
        return [key for part in self.parts for key in part.values_list("pk", flat=True)]


def _counts(rows: Rows, which: list[Q]) -> list[int]:
    """How many rows each part has; one pass over the rows. The last part has what the others leave."""
    asked = {f"part_{k}": Count("pk", filter=one) for k, one in enumerate(which[:-1])}
    found = rows.order_by().aggregate(total=Count("pk"), **asked)
    first = [found[name] for name in asked]
    return [*first, found["total"] - sum(first)]
