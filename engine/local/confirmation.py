"""Rules trained again with seeds that the search never saw, and baselines with the very same seeds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from engine.children.results import ChildResult
from engine.config import SearchConfig
from engine.evaluation.confirm import Difference, Spread, paired_difference, summarise
from engine.language import Rule
from engine.local.candidate import LocalCandidate, by_reward
from engine.presets import named_rule
from engine.screening import fingerprint


@dataclass(slots=True)
class Confirmation:
    """One rule and its fresh trainings; a rule that is a candidate and a baseline has one Confirmation.

    Attributes:
        fingerprint: what the search knows the rule by.
        candidate: index of the candidate that is confirmed; None for a baseline alone.
        baselines: the names under which it is a baseline.
        seeds: how many trainings there are to be; their numbers are 0 … seeds − 1 (``SearchConfig.confirmation_seed``).
        results: what they gave, by number.
        failures: why others gave nothing, by number; such a failure says nothing about the rule.
    """

    rule: Rule
    fingerprint: str
    seeds: int
    candidate: int | None = None
    baselines: tuple[str, ...] = ()
    results: dict[int, ChildResult] = field(default_factory=dict)
    failures: dict[int, str] = field(default_factory=dict)

    @property
    def is_done(self) -> bool:
        return len(self.results) + len(self.failures) == self.seeds

    @property
    def rewards(self) -> list[float]:
        """In the order of the seeds, so that two rules' rewards stand in pairs."""
        return [self.results[number].reward for number in sorted(self.results)]

    @property
    def spread(self) -> Spread | None:
        """Mean and spread once every seed is trained: fewer seeds would not be the same ones as another rule's."""
        return summarise(self.rewards) if self.is_done and self.results else None

    @property
    def learning_rate(self) -> float | None:
        """The one that the sweeps chose most often; of equals the smallest."""
        rates = sorted(result.learning_rate for result in self.results.values() if result.learning_rate is not None)
        return Counter(rates).most_common(1)[0][0] if rates else None

    def against(self, other: Confirmation) -> Difference | None:
        """Mean of (this − other) over the seeds that both were trained with; None where there is none."""
        numbers = sorted(self.results.keys() & other.results.keys())
        if not numbers:
            return None
        own, others = ([results[number].reward for number in numbers] for results in (self.results, other.results))
        return paired_difference(own, others)

    def to_dict(self) -> dict[str, Any]:
        return {
            "rule": self.rule.text,
            "latex": self.rule.latex,
            "fingerprint": self.fingerprint,
            "candidate": self.candidate,
            "baselines": list(self.baselines),
            "confirmed": self.spread.to_dict() if self.spread else None,
            "seeds": [_seed_to_dict(number, self.results[number]) for number in sorted(self.results)],
            "failures": [{"number": number, "reason": self.failures[number]} for number in sorted(self.failures)],
        }


def _seed_to_dict(number: int, result: ChildResult) -> dict[str, Any]:
    return {
        "number": number,
        "seed": SearchConfig.confirmation_seed(number),
        "reward": result.reward,
        "outcome": result.outcome,
        "reason": result.reason,
        "learning_rate": result.learning_rate,
        "seconds": round(result.seconds, 3),
    }


def plan(config: SearchConfig, candidates: Iterable[LocalCandidate]) -> list[Confirmation]:
    """Whom to confirm: the best candidates that were trained to their end, then the baselines; each rule once."""
    wanted = config.confirmation
    trained = [candidate for candidate in candidates if candidate.is_ranked and candidate.outcome == "trained"]
    planned: dict[str, Confirmation] = {}
    for candidate in sorted(trained, key=by_reward)[: wanted.top]:
        item = candidate.proposed
        planned[item.fingerprint] = Confirmation(Rule.parse(item.text), item.fingerprint, wanted.seeds, item.index)
    for name in wanted.baselines:
        rule = named_rule(name).canonical
        known_by = fingerprint(rule, config.screening)
        same = planned.setdefault(known_by, Confirmation(rule, known_by, wanted.seeds))
        same.baselines = (*same.baselines, name)
    return list(planned.values())
