"""Rules of the same search that are close to one: what they share with it, and what became of them.

Close is: one token changed in what the controller wrote, or many parts (subtrees of the canonical form) in common.
The database looks for rules of a similar size that have all the words of this one but one, the best first; only a few
hundred of those are read and compared.
"""

from __future__ import annotations

import operator
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache, reduce

from django.db.models import Q

from engine.errors import RuleError
from engine.language import Rule, printer
from engine.language.tree import Operand, walk
from searchapp.models import Candidate, Search
from searchapp.rules.filters import ONCE

MOST = 10
COMPARED = 200  # candidates that are read and compared
NEARBY = 3  # operands and functions more or less
LEAST_SHARE = 0.4  # of the parts; less is no relative
_NOT_READ = ("notes", "reason", "tags")


@dataclass(frozen=True, slots=True)
class Relative:
    """Another rule of the search.

    Attributes:
        how: what makes it a relative.
        is_neighbour: one token changed.
        share: of the parts of both trees together, 0 to 1.
    """

    candidate: Candidate
    mathml: str
    how: str
    is_neighbour: bool
    share: float


def relatives(search: Search, candidate: Candidate) -> list[Relative]:
    """At most ten, the closest first, then those that earned more. One query."""
    if parts(candidate.text) is None:
        return []
    rows = search.candidates.filter(ONCE, _similar(candidate)).exclude(pk=candidate.pk)
    rows = rows.exclude(fingerprint=candidate.fingerprint).defer(*_NOT_READ).order_by("-reward", "complexity", "index")
    found = [one for row in rows[:COMPARED] if (one := _relative(candidate, row)) is not None]
    return sorted(found, key=_closeness)[:MOST]


def _similar(candidate: Candidate) -> Q:
    """Of a similar size, with every word that this one has but one."""
    names = [word for word in candidate.words.split() if "(" not in word and not word[0].isdigit()]
    size = Q(complexity__range=(max(1, candidate.complexity - NEARBY), candidate.complexity + NEARBY))
    if len(names) < 2:
        return size & Q(words__contains=candidate.words) if names else size
    held = {name: Q(words__contains=f" {name} ") for name in names}
    return size & reduce(
        operator.or_, (reduce(operator.and_, (held[one] for one in names if one != left)) for left in names)
    )


def _relative(one: Candidate, other: Candidate) -> Relative | None:
    mine, theirs = parts(one.text), parts(other.text)
    if mine is None or theirs is None:
        return None
    common = mine & theirs
    share = 2 * common.total() / (mine.total() + theirs.total())
    changed = _changed_token(one.tokens, other.tokens)
    if not changed and (share < LEAST_SHARE or not any(size > 1 for _, size in common)):
        return None
    how = changed or f"both have {max(common, key=lambda part: part[1])[0]}"
    return Relative(other, Rule.parse(other.text).mathml, how, bool(changed), share)


def _closeness(one: Relative) -> tuple[bool, float, float, int]:
    return not one.is_neighbour, -one.share, -(one.candidate.reward or 0.0), one.candidate.index


def _changed_token(mine: list[str], theirs: list[str]) -> str:
    """“m instead of g” where just one token differs, else empty."""
    if len(mine) != len(theirs):
        return ""
    changed = [(a, b) for a, b in zip(mine, theirs, strict=True) if a != b]
    return f"{changed[0][1]} instead of {changed[0][0]}" if len(changed) == 1 else ""


@lru_cache(maxsize=4096)
def parts(text: str) -> Counter[tuple[str, int]] | None:
    """Subtrees as (text, size), counted; None for a rule that this version cannot read."""
    try:
        tree = Rule.parse(text).tree
    except RuleError:
        return None
    return Counter(
        (printer.operand_text(node)[0] if isinstance(node, Operand) else printer.text(node), sum(1 for _ in walk(node)))
        for node in walk(tree)
    )
