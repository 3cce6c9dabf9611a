"""How the best reward of searches rose: the candidates that beat all before them, for sparklines and comparisons."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import F, Max, Q, RowRange, Window
from django.utils.html import format_html
from django.utils.safestring import SafeString

from searchapp.models import Candidate, CandidateStatus, Outcome

Steps = list[tuple[int, float]]  # (candidate's index, reward), each better than the one before
WIDTH, HEIGHT, EDGE = 120, 28, 3  # of a sparkline, in its own units


def best_so_far(search_ids: Iterable[int]) -> dict[int, Steps]:
    """Search -> its steps, by candidate; one query for any number of searches. Without a reward: no steps."""
    before = Window(
        Max("reward"), partition_by=F("search_id"), order_by=F("index").asc(), frame=RowRange(start=None, end=-1)
    )
    judged = Candidate.objects.filter(
        search_id__in=list(search_ids), status=CandidateStatus.FINISHED, duplicate_of=None
    ).exclude(outcome=Outcome.SCREENED)
    rows = judged.annotate(before=before).filter(Q(before=None) | Q(reward__gt=F("before")))
    found: dict[int, Steps] = {}
    for search_id, index, reward in rows.order_by("search_id", "index").values_list("search_id", "index", "reward"):
        found.setdefault(search_id, []).append((index, reward or 0.0))  # what is finished has a reward
    return found


def sparkline(steps: Steps, proposed: int, budget: int) -> SafeString:
    """The steps as a small line from the first candidate to the last one proposed; the whole width is the budget.

    Its height is the search's own range, as the number beside it tells the level.
    """
    if not steps:
        return SafeString("")
    first, best = steps[0][1], steps[-1][1]
    across = (WIDTH - 2 * EDGE) / max(1, budget - 1)
    up = (HEIGHT - 2 * EDGE) / (best - first) if best > first else 0.0
    x = [EDGE + index * across for index, _ in steps] + [EDGE + (max(proposed, steps[-1][0] + 1) - 1) * across]
    y = [HEIGHT - EDGE - (reward - first) * up for _, reward in steps]
    path = f"M{x[0]:.1f} {y[0]:.1f}" + "".join(
        f"H{right:.1f}" + (f"V{y[place]:.1f}" if place < len(y) else "") for place, right in enumerate(x[1:], 1)
    )
    said = f"Best reward so far: from {first:.1%} to {best:.1%} in {len(steps)} step{'s' if len(steps) > 1 else ''}"
    return format_html(
        '<svg class="sparkline" viewBox="0 0 {} {}" width="{}" height="{}" role="img" aria-label="{}">'
        '<title>{}</title><path d="{}"/><circle cx="{}" cy="{}" r="2.5"/></svg>',
        *(WIDTH, HEIGHT, WIDTH, HEIGHT, said, said, path),
        f"{x[-2]:.1f}",
        f"{y[-1]:.1f}",
    )
