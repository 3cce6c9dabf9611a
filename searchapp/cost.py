"""What a search has cost: seconds of training, whichever worker spent them."""

from __future__ import annotations

from django.db.models import F, FloatField, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from searchapp.models import Candidate, Search, Trial


def with_cost(searches: QuerySet[Search]) -> QuerySet[Search]:
    """Adds `children_seconds`, `trials_seconds` and `cost`, their sum.

    Trials that took over another one's numbers were never claimed: they cost nothing.
    """
    candidates = Candidate.objects.filter(search=OuterRef("pk"), duplicate_of=None)
    trials = Trial.objects.filter(search=OuterRef("pk"), attempt__gt=0)
    return searches.annotate(children_seconds=_seconds_of(candidates), trials_seconds=_seconds_of(trials)).annotate(
        cost=F("children_seconds") + F("trials_seconds")
    )


def _seconds_of(rows: QuerySet) -> Coalesce:
    total = rows.order_by().values("search").annotate(total=Sum("seconds")).values("total")
    return Coalesce(Subquery(total, output_field=FloatField()), Value(0.0))
