"""Rows for tests that need a search in mid-work and not how it came there."""

from searchapp import dispatch
from searchapp.models import Candidate, Round, Search

TEXTS = ("g", "m", "sign(g)", "g * g", "exp(m)")


def propose(search: Search, count: int = 3, **changes: object) -> list[Candidate]:
    """A round of queued candidates, as `advance_search` writes it."""
    number = search.rounds.count()
    round_ = Round.objects.create(search=search, number=number)
    first = search.candidates.count()
    rows = [
        Candidate(
            search=search,
            round=round_,
            index=first + k,
            tokens=["g", "g", "x", "x", "left"],
            text=TEXTS[k % len(TEXTS)],
            fingerprint=f"{first + k:016x}",
            complexity=1 + 2 * k,
            **changes,
        )
        for k in range(count)
    ]
    written = Candidate.objects.bulk_create(rows)
    Search.objects.filter(pk=search.pk).update(candidates_proposed=first + count)
    search.refresh_from_db()
    dispatch.train_children([row.pk for row in written])
    return written
