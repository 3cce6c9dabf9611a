"""What a rule's page and the API tell of its trials, as JSON: confirmation, transfers, and ways over test functions."""

from typing import Any

from django.db.models import Prefetch, Q

from engine.evaluation.confirm import paired_difference, summarise
from engine.presets import NAMED_RULES
from searchapp.models import Candidate, CandidateStatus, Purpose, Transfer, Trial
from searchapp.models.statuses import WAITING


def confirmation(candidate: Candidate) -> dict[str, Any]:
    """The fresh trainings of a rule, their mean and spread, and its difference from each baseline, seed by seed."""
    trials = Trial.objects.filter(search_id=candidate.search_id, purpose__in=[Purpose.CONFIRMATION, Purpose.BASELINE])
    rows = list(trials.order_by("number", "pk").defer("runs", "extra"))
    mine = [row for row in rows if row.candidate_id == candidate.pk]
    rewards = {row.number: row.reward for row in mine if row.reward is not None}
    names = dict.fromkeys(row.name for row in rows if row.purpose == Purpose.BASELINE)
    against = [_against(name, rewards, [row for row in rows if row.name == name]) for name in names]
    return {
        "trainings": [_training(row) for row in mine],
        "spread": summarise(list(rewards.values())).to_dict() if rewards else None,
        "against": sorted(filter(None, against), key=lambda row: -row["mean"]),
        "waiting": sum(row.status in WAITING for row in mine),
    }


def _training(row: Trial) -> dict[str, Any]:
    fields = ("number", "seed", "status", "outcome", "reason", "reward", "learning_rate", "seconds")
    return {name: getattr(row, name) for name in fields}


def _against(name: str, mine: dict[int, float], rows: list[Trial]) -> dict[str, Any] | None:
    """A baseline's mean, and rule − baseline over the seeds that both have; None while it has no result."""
    theirs = {row.number: row.reward for row in rows if row.reward is not None}
    if not theirs:
        return None
    both = [number for number in mine if number in theirs]
    difference = paired_difference([mine[k] for k in both], [theirs[k] for k in both]).to_dict() if both else None
    return {"name": name, "title": title(name), **summarise(list(theirs.values())).to_dict(), "difference": difference}


def title(name: str) -> str:
    return NAMED_RULES[name].title if name in NAMED_RULES else name


def transfers(candidate: Candidate) -> list[dict[str, Any]]:
    """The rule's transfers, the newest first, each with the paper's four columns for it and the baselines."""
    rows = Transfer.objects.filter(candidate=candidate).order_by("-pk")
    rows = rows.prefetch_related(Prefetch("trials", Trial.objects.defer("runs")))
    return [_transfer(row, candidate) for row in rows]


def _transfer(row: Transfer, candidate: Candidate) -> dict[str, Any]:
    lines = [_line(trial, candidate) for trial in row.trials.all()]
    lines.sort(key=_place)
    return {
        "id": row.pk,
        "title": row.title,
        "child": row.child,
        "created_at": row.created_at.isoformat(),
        "lines": lines,
        "waiting": sum(line["status"] in WAITING for line in lines),
    }


def _place(line: dict[str, Any]) -> tuple[bool, float]:
    """The best final validation accuracy first, what diverged after it, what waits last."""
    columns = line["columns"]
    return columns is None, -((columns or {}).get("final_validation") or 0.0)


def _line(trial: Trial, candidate: Candidate) -> dict[str, Any]:
    """One rule in a transfer; no columns while it waits, and where it failed."""
    return {
        "title": title(trial.name) if trial.name else f"Rule {candidate.index}",
        "name": trial.name,
        "status": trial.status,
        "outcome": trial.outcome,
        "reason": trial.reason,
        "learning_rate": trial.learning_rate,
        "seconds": trial.seconds,
        "columns": trial.extra.get("columns"),
        "rates": trial.extra.get("rates", []),
    }


def paths(candidate: Candidate) -> dict[str, Any]:
    """The rule's ways over the test functions and those of the baselines; `functions` holds what is there."""
    trials = Trial.objects.filter(search_id=candidate.search_id, purpose=Purpose.PATHS)
    rows = list(trials.filter(Q(candidate=candidate) | Q(candidate=None)).order_by("pk").defer("runs"))
    mine = [row for row in rows if row.candidate_id]
    done = [row for row in rows if row.status == CandidateStatus.FINISHED] if mine else []
    return {
        "asked": bool(mine),
        "waiting": sum(row.status in WAITING for row in rows) if mine else 0,
        "failed": [row.reason for row in mine if row.status == CandidateStatus.FAILED],
        "ways": [
            {
                "title": title(row.name) if row.name else f"Rule {candidate.index}",
                "is_rule": not row.name,
                "functions": row.extra.get("functions", []),
            }
            for row in sorted(done, key=lambda row: bool(row.name))
        ],
    }
