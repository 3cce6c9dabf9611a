"""The log of new bests: every rule that beat all that were done before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from searchapp.models import Search
from searchapp.rules.orders import BY_REWARD, RANKED
from searchapp.templatetags.nos import equation_of


@dataclass(frozen=True, slots=True)
class NewBest:
    index: int
    reward: float
    text: str
    at: datetime  # when its training was done

    @property
    def mathml(self) -> str:
        return equation_of(self.text)


def bests(search: Search, limit: int) -> list[NewBest]:
    """At most `limit` of them, the newest first.

    One walk down the ranking: what ranks higher and was done earlier rules a candidate out. Events say the same, but
    to find the few that do among hundreds of thousands takes seconds.
    """
    rows = search.candidates.filter(RANKED, finished_at__isnull=False).order_by(*BY_REWARD)
    found: list[tuple[int, datetime]] = []
    for pk, at in rows.values_list("pk", "finished_at").iterator(chunk_size=500):
        if at is not None and (not found or at < found[-1][1]):
            found.append((pk, at))
        if len(found) == limit:
            break
    known = search.candidates.filter(pk__in=[pk for pk, _ in found]).only("index", "reward", "text").in_bulk()
    return [NewBest(known[pk].index, known[pk].reward or 0.0, known[pk].text, at) for pk, at in found]
