"""What trials came to: the mean over fresh seeds, its spread and n, of rules and of baselines."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, QuerySet

from engine.evaluation.confirm import summarise
from engine.presets import NAMED_RULES
from searchapp.models import Candidate, CandidateStatus, Purpose, Search, Trial
from searchapp.models.statuses import WAITING, Outcome


def update_candidate(search: Search, candidate: Candidate) -> dict[str, Any]:
    """Write a candidate's confirmation once none of its trials waits, and the search's best one. Both are locked."""
    trials = Trial.objects.filter(search=search, purpose=Purpose.CONFIRMATION, candidate=candidate)
    if trials.filter(status__in=WAITING).exists():
        return {"mean": None}
    found = _spread(trials)
    candidate.confirmed_mean, candidate.confirmed_std = found["mean"], found["std"]
    candidate.confirmed_n = found["n"]
    candidate.save(update_fields=["confirmed_mean", "confirmed_std", "confirmed_n"])
    search.best_confirmed = confirmed(search).first()
    search.save(update_fields=["best_confirmed"])
    return found


def ranked(search: Search) -> QuerySet[Candidate]:
    """By reward, the best first, then the simpler, then the earlier.

    Duplicates stand with their first one; screened rules were never trained, so they have no place.
    """
    done = search.candidates.filter(status=CandidateStatus.FINISHED, duplicate_of=None)
    done = done.exclude(outcome=Outcome.SCREENED)
    return done.order_by("-reward", "complexity", "index")  # what is finished has a reward


def confirmed(search: Search) -> QuerySet[Candidate]:
    """Confirmed candidates, the best first: by mean, then the simpler, then the earlier."""
    return search.candidates.filter(confirmed_mean__isnull=False).order_by("-confirmed_mean", "complexity", "index")


def baseline(search: Search, name: str) -> dict[str, Any]:
    """A baseline's line: name, title, text, mean, std and n; the mean is None while nothing is trained."""
    row = NAMED_RULES.get(name)
    trials = Trial.objects.filter(search=search, purpose=Purpose.BASELINE, name=name)
    return {"name": name, "title": row.title if row else name, **_spread(trials)}


def baselines(search: Search) -> list[dict[str, Any]]:
    """Every baseline that has a result, the best first; one query."""
    rows = Trial.objects.filter(search=search, purpose=Purpose.BASELINE, status=CandidateStatus.FINISHED)
    rewards: dict[str, list[float]] = {}
    texts: dict[str, str] = {}
    for name, text, reward in rows.order_by("number").values_list("name", "text", "reward"):
        rewards.setdefault(name, []).append(reward or 0.0)
        texts[name] = text
    lines = [
        {"name": name, "title": _title(name), "text": texts[name], **_as_dict(values)}
        for name, values in rewards.items()
    ]
    return sorted(lines, key=lambda line: -line["mean"])


def waiting(search_ids: Iterable[int]) -> dict[int, int]:
    """Search -> how many of its trials wait or are in training; one query."""
    rows = Trial.objects.filter(search_id__in=list(search_ids), status__in=WAITING)
    return dict(rows.values_list("search_id").annotate(Count("pk")).order_by())


def _title(name: str) -> str:
    return NAMED_RULES[name].title if name in NAMED_RULES else name


def _spread(trials: QuerySet[Trial]) -> dict[str, Any]:
    done = trials.filter(status=CandidateStatus.FINISHED).order_by("number")
    return _as_dict([reward or 0.0 for reward in done.values_list("reward", flat=True)])


def _as_dict(rewards: list[float]) -> dict[str, Any]:
    if not rewards:
        return {"mean": None, "std": None, "n": 0}
    spread = summarise(rewards)
    return {"mean": spread.mean, "std": spread.std if spread.n > 1 else None, "n": spread.n}
