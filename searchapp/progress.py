"""What a running search needs next, by the rows alone: cheap enough to ask for every search every few seconds."""

from enum import StrEnum

from django.db.models import QuerySet

from searchapp.models import Candidate, CandidateStatus, Round, RoundStatus, Search
from searchapp.models.statuses import DONE, WAITING, SearchStatus


class Step(StrEnum):
    RESOLVE = "resolve"  # a duplicate whose first one is done
    OBSERVE = "observe"  # the oldest open round is whole
    CATCH_UP = "catch up"  # a smaller budget held rounds back: they are made what the larger one would have made them
    PROPOSE = "propose"  # fewer rounds are open than may be in flight
    FINISH = "finish"  # the budget is spent, every round observed and no child in training


def next_step(search: Search, *, may_catch_up: bool = True) -> Step | None:
    """None: nothing to do but to wait for children, or the search does not run."""
    if search.status != SearchStatus.RUNNING:
        return None
    if resolvable(search).exists():
        return Step.RESOLVE
    open_rounds = list(search.rounds.filter(status=RoundStatus.OPEN).order_by("number"))
    in_flight = search.config.get("rounds_in_flight", 1)
    if search.candidates_proposed < search.budget:
        if may_catch_up and was_held_back(search, len(open_rounds), in_flight):
            return Step.CATCH_UP
        # Proposing comes first: round r is proposed when exactly the rounds up to r - L are observed.
        if len(open_rounds) < in_flight:
            return Step.PROPOSE
    if open_rounds:
        return Step.OBSERVE if is_whole(open_rounds[0]) else None
    # Children that are trained again belong to rounds that are observed.
    return None if search.candidates.filter(status__in=WAITING).exists() else Step.FINISH


def was_held_back(search: Search, open_rounds: int, in_flight: int) -> bool:
    """Whether a smaller budget has cut the last round short, or let rounds be observed before the next was proposed."""
    last = search.rounds.order_by("-number").first()
    if last is None:
        return False
    proposed = last.number + 1
    due = max(0, proposed - in_flight + 1)  # as many may be observed when the next round is proposed
    return proposed - open_rounds > due or last.candidates.count() < search.config.get("round_size", 1)


def is_whole(round_: Round) -> bool:
    return not round_.candidates.filter(status__in=WAITING).exists()


def resolvable(search: Search) -> QuerySet[Candidate]:
    """Duplicates that wait although the first one of their rule is done."""
    return search.candidates.filter(status=CandidateStatus.QUEUED, duplicate_of__status__in=DONE).order_by("index")
