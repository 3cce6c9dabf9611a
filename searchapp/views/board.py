"""The leaderboard as the page shows it: what fresh seeds confirmed apart from what only the search has measured."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine.language import Rule
from searchapp import selectors
from searchapp.models import Candidate, Search
from searchapp.templatetags.nos import equation_of
from searchapp.trials import standing
from searchapp.views.sentences import seeds_text


@dataclass(frozen=True, slots=True)
class Line:
    """A rule with its rank, or a baseline, which has none.

    Attributes:
        mean, std, n: over fresh seeds; n is 0 where there are none.
    """

    title: str
    text: str
    mathml: str
    mean: float | None
    std: float | None
    n: int
    complexity: int
    rank: int | None = None
    candidate: Candidate | None = None


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    note: str
    lines: list[Line]


def groups(search: Search, limit: int) -> list[Group]:
    """Confirmed rules among the baselines by their mean, then the other rules by their reward.

    While no rule is confirmed the baselines stand last, so that they do not push the rules out of sight.
    """
    rows = [_of_rule(row) for row in selectors.leaderboard(search, limit=limit)]
    fresh = [line for line in rows if line.n] + [_of_baseline(line) for line in standing.baselines(search)]
    fresh.sort(key=lambda line: (-(line.mean or 0.0), line.complexity))
    proxies = Group("By reward", _reward_note(search), [line for line in rows if not line.n])
    is_confirmed = any(line.rank for line in fresh)
    title = "Confirmed with fresh seeds" if is_confirmed else "Baselines"
    confirmed = Group(title, "mean ± standard deviation (trainings)", fresh)
    found = [confirmed, proxies] if is_confirmed else [proxies, confirmed]
    return [group for group in found if group.lines]


def _reward_note(search: Search) -> str:
    return f"the search’s own measure, {seeds_text(search.config['child']['protocol'])}"


def _of_rule(row: selectors.LeaderboardRow) -> Line:
    candidate = row.candidate
    return Line(
        title=f"Rule {candidate.index}",
        text=candidate.text,
        mathml=equation_of(candidate.text),  # kept: the live page asks again after each change
        mean=candidate.confirmed_mean,
        std=candidate.confirmed_std,
        n=candidate.confirmed_n,
        complexity=candidate.complexity,
        rank=row.rank,
        candidate=candidate,
    )


def _of_baseline(line: dict[str, Any]) -> Line:
    text = line["text"]
    spread = (line["mean"], line["std"], line["n"])
    return Line(line["title"], text, equation_of(text), *spread, complexity=_complexity(text))


@lru_cache(maxsize=256)
def _complexity(text: str) -> int:
    return Rule.parse(text).complexity
