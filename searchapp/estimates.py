"""How large the space of a configuration is, and how long its search would take on the workers that are there."""

import math
from statistics import median
from typing import Any, NamedTuple

from engine.children.cost import estimate_seconds
from engine.config import ChildConfig, SearchConfig
from engine.language import numbers
from searchapp.models import Candidate, Queue
from searchapp.models.statuses import Outcome
from searchapp.selectors import live_workers

FEWEST_MEASURED = 5  # children with the same configuration, before their times count
MOST_MEASURED = 100
UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


class ChildTime(NamedTuple):
    seconds: float
    basis: str


def estimate(config: SearchConfig, queue: Queue | None = None) -> dict[str, Any]:
    """The size of the space and the time of the search, as JSON, and in a sentence where the time comes from."""
    workers = live_workers(queue or Queue.objects.filter(name=Queue.DEFAULT).first()).count()
    at_once = max(1, min(workers, config.round_size * config.rounds_in_flight))
    child = child_time(config.child)
    seconds = round(child.seconds * _trainings(config) / at_once, 3)
    return {
        "size": config.space.size,
        "size_text": count_text(config.space.size),
        "seconds": seconds,
        "seconds_text": duration_text(seconds),
        "basis": f"{child.basis}; {_workers_text(workers, at_once)}; {_trainings_text(config)}.",
    }


def _trainings(config: SearchConfig) -> int:
    return config.budget + _fresh(config)


def _fresh(config: SearchConfig) -> int:
    """Trainings with fresh seeds, of the best rules and the baselines; those known on this server cost nothing."""
    return config.confirmation.seeds * (config.confirmation.top + len(config.confirmation.baselines))


def _trainings_text(config: SearchConfig) -> str:
    fresh = _fresh(config)
    return f"{config.budget:,} candidates" + (f" and {fresh:,} trainings with fresh seeds" if fresh else "")


def child_time(child: ChildConfig) -> ChildTime:
    """Seconds that one child trains: measured here when enough were trained, else computed from its configuration."""
    measured = _measured(child)
    if len(measured) >= FEWEST_MEASURED:
        basis = f"The median of {len(measured)} children trained here with the same settings"
        return ChildTime(median(measured), basis)
    return ChildTime(
        estimate_seconds(child), "No such child was trained here yet: computed for one core of a server CPU"
    )


def _measured(child: ChildConfig) -> list[float]:
    same = Candidate.objects.filter(search__config__child=child.model_dump(mode="json"), seconds__isnull=False)
    trained = same.filter(outcome=Outcome.TRAINED, duplicate_of=None).order_by("-pk")
    seconds = trained.values_list("seconds", flat=True)[:MOST_MEASURED]
    return [one for one in seconds if one is not None]


def _workers_text(workers: int, at_once: int) -> str:
    if not workers:
        return "no worker runs at the moment, one is assumed"
    return "one child at a time" if at_once == 1 else f"{at_once} children at a time"


def count_text(count: int) -> str:
    """1234 -> `1,234`; from a million on `1.2 × 10^6` with a raised exponent."""
    if count < 1_000_000:
        return f"{count:,}"
    exponent = len(str(count)) - 1
    lead = math.floor(count / 10 ** (exponent - 1)) / 10 if exponent < 300 else int(str(count)[:2]) / 10
    return f"{lead} × {numbers.power_of_ten(exponent)}"


def duration_text(seconds: float) -> str:
    """About how long, in the largest unit that fits: `about 3 minutes`."""
    size, unit = next(row for row in UNITS if seconds >= 1.5 * row[0] or row[0] == 1)
    number = max(1, round(seconds / size))
    return f"about {number} {unit}{'s' if number > 1 else ''}"
