"""Priors as masks: which tokens may follow a prefix, so that every token string ends as a rule that obeys them.

What a rule is like is known for certain at its last token only: results of earlier groups may stay unused, `left`
ignores half a group, terms cancel. So the masks look ahead, over the last group alone, for in its place a rule may
always be written from the space's own operands.

* In earlier groups only a unary function on the result of the same one is masked (`no_repeated_unary`).
* In the last group a token is allowed if a completion with it is found to be a rule that obeys. From its fourth token
  on all completions are tried, so these masks are exact. Before, completions are tried in the order of a bound on the
  written tree, c(u₁(o₁)) + c(u₂(o₂)) + 1 with the complexity c of each half in canonical form (c(u₁(o₁)) for `left`),
  and those above `max_complexity` are not tried. So a rule that is small only because large halves cancel may be out
  of reach; no rule that does not obey is ever within it.

A prefix never leads into a dead end: what is tried after one more token is, in the same order, a part of what was
tried before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice, pairwise
from typing import NamedTuple

from engine.config.prior_checks import Side, side, violation
from engine.config.priors import PriorsConfig
from engine.language import GROUP, Rule, Space
from engine.language.tokens import parse_operand
from engine.language.tree import Node

Row = tuple[int, ...]  # indices into space.choices(slot), from the first slot on
TRIES = 64  # completions that are tried before a token among the first three of the last group is given up
CACHED = 65_536
MAX_NODES = 10**9  # no limit


class Half(NamedTuple):
    """One half of a group by its tokens, and what it amounts to."""

    operand: int
    unary: int
    side: Side


Parts = tuple[list[Half], list[Half]]  # of the space's own operands, and of earlier groups' results


class PriorMasks:
    """The masks of one space and its priors. Deterministic: they depend on the prefix alone.

    Args:
        pinned: whole rows that obey and are always allowed, start rules say, even where the bound would hide them.
    """

    def __init__(self, space: Space, priors: PriorsConfig, pinned: Iterable[Row] = ()) -> None:
        self.space, self.priors, self.pinned = space, priors, tuple(pinned)
        self.last = GROUP * (space.groups - 1)  # first slot of the last group
        self.base = [parse_operand(token) for token in space.operands]
        # `left` first: it needs no second half, so that a completion is found at once where one can be
        self.binaries = sorted(range(len(space.binary)), key=lambda b: (space.binary[b] != "left", b))
        self.allowed = lru_cache(maxsize=CACHED)(self._allowed)
        self._obeys_shortened = lru_cache(maxsize=CACHED)(self._obeys)
        self._results = lru_cache(maxsize=1024)(self._results_of)
        self._halves = lru_cache(maxsize=128)(self._halves_of)
        self._halves_with = lru_cache(maxsize=4096)(self._halves_with_of)

    def masks(self, slot: int) -> bool:
        """Whether anything may be masked at that slot at all."""
        return slot >= self.last or (self.priors.no_repeated_unary and slot % GROUP < 4)

    @property
    def any_rule(self) -> bool:
        """Whether one group of the space's own operands can obey; earlier groups cannot be needed then."""
        alone = PriorMasks(Space(self.space.operands, self.space.unary, self.space.binary, 1), self.priors)
        return alone._ends_well(()) or any(alone.allowed(()))

    def obeys(self, row: Row) -> bool:
        """Whether the whole row writes a rule that obeys, every group of it without a repeated unary function."""
        if self.priors.no_repeated_unary and any(self._repeats(row[:end]) for end in range(GROUP, len(row) + 1, GROUP)):
            return False
        return self._obeys_shortened(self._shortened(row))

    def _repeats(self, row: Row) -> bool:
        early, (one, two, first, second, _) = row[:-GROUP], row[-GROUP:]
        return self._side(early, one, first).repeats or self._side(early, two, second).repeats

    def _allowed(self, prefix: Row) -> tuple[bool, ...]:
        """One truth value for each choice at the slot after the prefix."""
        slot = len(prefix)
        pinned = {row[slot] for row in self.pinned if row[:slot] == prefix}
        may = self._ends_well if slot >= self.last else self._is_new
        return tuple(token in pinned or may((*prefix, token)) for token in range(len(self.space.choices(slot))))

    def _is_new(self, prefix: Row) -> bool:
        """Earlier groups: the unary function is not the one that the operand ends with."""
        place, start = (len(prefix) - 1) % GROUP, (len(prefix) - 1) // GROUP * GROUP
        early, group = prefix[:start], prefix[start:]
        if place < 2:
            return any(not self._side(early, group[place], u).repeats for u in range(len(self.space.unary)))
        return place == 4 or not self._side(early, group[place - 2], group[place]).repeats

    def _ends_well(self, prefix: Row) -> bool:
        """The last group: a completion that obeys is found."""
        early, group = prefix[: self.last], prefix[self.last :]
        candidates = self._completions(early, group)
        tried = candidates if len(group) >= 4 else islice(candidates, TRIES)
        return any(certain or self._obeys_shortened(self._shortened(early + end)) for end, certain in tried)

    def _shortened(self, row: Row) -> Row:
        """A last group without a result of an earlier one is a rule by itself: it is checked once for all prefixes."""
        end = row[self.last :]
        return end if max(end[:2]) < len(self.base) else row

    def _obeys(self, row: Row) -> bool:
        tokens = (self.space.choices(slot + self.last * (len(row) == GROUP))[i] for slot, i in enumerate(row))
        return violation(Rule.from_tokens(list(tokens)), self.priors) is None

    def _completions(self, early: Row, group: Row) -> Iterator[tuple[Row, bool]]:
        """Ways to end the last group that could obey, in one order for all prefixes; only likely ones early on.

        With each stands whether it is certain to obey: `left` is its first half, of which all is known.
        """
        first, second = self._open_halves(early, group, 0), self._open_halves(early, group, 1)
        binaries = self.binaries if len(group) < GROUP else [group[4]]
        for is_likely in (True, False) if len(group) >= 4 else (True,):
            for ones, twos in ((0, 0), (0, 1), (1, 0), (1, 1)):  # the space's own operands before results
                for binary in binaries:
                    is_left = self.space.binary[binary] == "left"
                    for one, two in self._pairs(first[ones], second[twos], is_left, is_likely):
                        yield (one.operand, two.operand, one.unary, two.unary, binary), is_likely and is_left

    def _pairs(
        self, first: list[Half], second: list[Half], is_left: bool, is_likely: bool
    ) -> Iterator[tuple[Half, Half]]:
        """Pairs of halves that could obey, within the bound on the complexity if that is likely, else above it."""
        limit, asked = self.priors.max_complexity or MAX_NODES, self.priors.uses_gradient
        for one in first:
            if is_likely and one.side.complexity > limit:
                break  # halves come in the order of their complexity
            seconds: Iterable[Half] = second[:1] if is_left else second  # one ignored half is as good as another
            if asked and not one.side.uses_gradient:
                seconds = () if is_left else filter(_uses_gradient, second)
            for two in seconds:
                fits = one.side.complexity + (0 if is_left else two.side.complexity + 1) <= limit
                if fits == is_likely:
                    yield one, two
                elif is_likely:
                    break

    def _open_halves(self, early: Row, group: Row, place: int) -> Parts:
        """What the half may be as far as the group is written."""
        if len(group) <= place:
            return self._halves(early)
        halves = self._halves_with(early, group[place])
        if len(group) > place + 2:
            halves = [half for half in halves if half.unary == group[place + 2]]
        return (halves, []) if group[place] < len(self.base) else ([], halves)

    def _halves_of(self, early: Row) -> Parts:
        """All halves, of the space's own operands and of earlier groups' results; simplest first."""
        ends = 0, len(self.base), len(self.base) + len(early) // GROUP
        own, results = (
            sorted((half for o in range(*pair) for half in self._halves_with(early, o)), key=_simplest)
            for pair in pairwise(ends)
        )
        return own, results

    def _halves_with_of(self, early: Row, operand: int) -> list[Half]:
        halves = [Half(operand, u, self._side(early, operand, u)) for u in range(len(self.space.unary))]
        kept = [half for half in halves if not (self.priors.no_repeated_unary and half.side.repeats)]
        return sorted(kept, key=_simplest)

    def _side(self, early: Row, operand: int, unary: int) -> Side:
        return side(self._operand(early, operand), self.space.unary[unary])

    def _operand(self, early: Row, operand: int) -> Node:
        result = operand - len(self.base)  # from 0; below, it is one of the space's own
        return self.base[operand] if result < 0 else self._results(early[: GROUP * (result + 1)])

    def _results_of(self, early: Row) -> Node:
        return Rule.from_tokens([self.space.choices(slot)[i] for slot, i in enumerate(early)]).tree


def _uses_gradient(half: Half) -> bool:
    return half.side.uses_gradient


def _simplest(half: Half) -> tuple[int, int, int]:
    return half.side.complexity, half.operand, half.unary
