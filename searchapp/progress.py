"""What a running search needs next, by the rows alone: cheap enough to ask for every search every few seconds."""

from enum import StrEnum

from django.db.models import QuerySet

from searchapp.models import Candidate, CandidateStatus, Round, RoundStatus, Search
from searchapp.models.statuses import DONE, WAITING, SearchStatus


class Step(StrEnum):
    RESOLVE = "resolve"  # a duplicate whose first one is done
    OBSERVE = "observe"  # the oldest open round is whole
    PROPOSE = "propose"  # fewer rounds are open than may be in flight
    FINISH = "finish"  # the budget is spent and every round observed


def next_step(search: Search) -> Step | None:
    """None: nothing to do but to wait for children, or the search does not run."""
    if search.status != SearchStatus.RUNNING:
        return None
    if resolvable(search).exists():
        return Step.RESOLVE
    open_rounds = list(search.rounds.filter(status=RoundStatus.OPEN).order_by("number"))
    # Proposing comes first: round r is proposed when exactly the rounds up to r - L are observed.
    if search.candidates_proposed < search.budget and len(open_rounds) < search.config.get("rounds_in_flight", 1):
        return Step.PROPOSE
    if open_rounds:
        return Step.OBSERVE if is_whole(open_rounds[0]) else None
    return Step.FINISH


def is_whole(round_: Round) -> bool:
    return not round_.candidates.filter(status__in=WAITING).exists()


def resolvable(search: Search) -> QuerySet[Candidate]:
    """Duplicates that wait although the first one of their rule is done."""
    return search.candidates.filter(status=CandidateStatus.QUEUED, duplicate_of__status__in=DONE).order_by("index")
