"""Rounds as rows: what the engine proposes is written, what the children earned is read back in order."""

import math
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db.models import F, Min
from django.db.models.functions import Now
from django.utils import timezone

from engine.language import Rule
from engine.language.words import words
from engine.search import SCREENED_REWARD, ProposedCandidate, ProposedRound, RoundReport
from searchapp.lifecycle import send_on_commit
from searchapp.models import Candidate, CandidateStatus, EventKind, Outcome, Round, RoundStatus, Search
from searchapp.recorder import record
from searchapp.results import count_done


def first_with(search: Search, fingerprints: list[str]) -> dict[str, int]:
    """Which of these rules the search already has: fingerprint -> index of its first candidate.

    One that failed says nothing about its rule, so the rule may be trained again.
    """
    earlier = search.candidates.filter(fingerprint__in=set(fingerprints), duplicate_of=None)
    earlier = earlier.exclude(status__in=[CandidateStatus.FAILED, CandidateStatus.CANCELLED])
    return dict(earlier.values_list("fingerprint").annotate(Min("index")).order_by())


def write_proposed(search: Search, proposed: ProposedRound) -> None:
    """Write a round and its candidates, record it and send what must be trained. The search's row is locked."""
    round_ = Round.objects.create(search=search, number=proposed.number, metrics=_finite(proposed.metrics))
    _write_candidates(search, round_, list(proposed.candidates))


def complete(search: Search, candidates: Iterable[ProposedCandidate], rounds_observed: int) -> None:
    """Write what the last round lacks of these candidates, and open the rounds that are to be observed (again).

    The search's row is locked; the controller has observed the first `rounds_observed` rounds.
    """
    missing = [item for item in candidates if item.index >= search.candidates_proposed]
    if missing:
        _write_candidates(search, search.rounds.latest("number"), missing)
    early = search.rounds.filter(number__gte=rounds_observed, status=RoundStatus.OBSERVED)
    early.update(status=RoundStatus.OPEN, observed_at=None)


def _write_candidates(search: Search, round_: Round, items: list[ProposedCandidate]) -> None:
    """A rule that was screened out is finished at once, with an event of its own after the round's."""
    search.candidates_proposed += len(items)
    search.save(update_fields=["candidates_proposed"])
    written = Candidate.objects.bulk_create([_candidate(round_, item) for item in items if item.duplicate_of is None])
    # Duplicates come second: their first one may stand in the same round.
    _write_duplicates(round_, [item for item in items if item.duplicate_of is not None])
    payload = [_payload(item) for item in items]
    record(search, EventKind.ROUND_PROPOSED, {"round": round_.number, "candidates": payload})
    for candidate in written:
        if candidate.outcome == Outcome.SCREENED:
            count_done(search, candidate)
    send_on_commit([candidate.pk for candidate in written if candidate.status == CandidateStatus.QUEUED])


def _write_duplicates(round_: Round, items: list[ProposedCandidate]) -> None:
    firsts = round_.search.candidates.filter(index__in={item.duplicate_of for item in items})
    first_of: dict[int | None, int] = dict(firsts.values_list("index", "pk"))
    Candidate.objects.bulk_create([_candidate(round_, item, first_of[item.duplicate_of]) for item in items])
    for first, times in Counter(first_of[item.duplicate_of] for item in items).items():
        Candidate.objects.filter(pk=first).update(times_proposed=F("times_proposed") + times)


def _candidate(round_: Round, item: ProposedCandidate, first: int | None = None) -> Candidate:
    return Candidate(
        search_id=round_.search_id,
        round=round_,
        index=item.index,
        tokens=list(item.tokens),
        text=item.text,
        fingerprint=item.fingerprint,
        complexity=item.complexity,
        words=f" {' '.join(sorted(words(Rule.parse(item.text).tree)))} ",
        duplicate_of_id=first,
        **(_screened(item) if item.screened else {}),
    )


def _screened(item: ProposedCandidate) -> dict[str, Any]:
    return {
        "status": CandidateStatus.FINISHED,
        "outcome": Outcome.SCREENED,
        "reason": item.reason,
        "reward": SCREENED_REWARD,
        "finished_at": timezone.now(),
    }


def _payload(item: ProposedCandidate) -> dict[str, Any]:
    return {
        "index": item.index,
        "tokens": list(item.tokens),
        "text": item.text,
        "mathml": Rule.parse(item.text).mathml,
        "complexity": item.complexity,
        "duplicate_of": item.duplicate_of,
    }


def oldest_open(search: Search) -> tuple[int, list[float | None]]:
    """The number of the round to observe next and its rewards, in the order of its candidates."""
    round_ = search.rounds.filter(status=RoundStatus.OPEN).earliest("number")
    rows = round_.candidates.order_by("index").values_list("reward", "unobserved")
    return round_.number, [None if unobserved else reward for reward, unobserved in rows]


def write_observed(search: Search, report: RoundReport, rewards: list[float | None]) -> None:
    """Close a round with what the controller learned from it. The search's row is locked."""
    round_ = search.rounds.get(number=report.number)
    known = [reward for reward in rewards if reward is not None]
    mean = {"mean_reward": sum(known) / len(known)} if known else {}
    preferences = {"preferences": report.preferences} if report.preferences else {}
    round_.metrics = {**_finite({**round_.metrics, **mean, **report.metrics}), **preferences}
    search.rounds.filter(pk=round_.pk).update(status=RoundStatus.OBSERVED, metrics=round_.metrics, observed_at=Now())
    record(search, EventKind.ROUND_OBSERVED, {"round": report.number, "metrics": round_.metrics})


def _finite(metrics: dict[str, float]) -> dict[str, float]:
    """JSON columns know no NaN and no infinity: a metric without a value is left out, and what is no number."""
    numbers = {name: value for name, value in metrics.items() if isinstance(value, int | float)}
    return {name: float(value) for name, value in numbers.items() if math.isfinite(value)}
