"""The search as a state machine: configuration in, rounds of rules out, rewards in. No clock, no I/O.

Round r is proposed when exactly the rounds up to r − L have been observed (L rounds are in flight): the first L at
once, then one after each observed round. Rewards are observed in round order. So the same seed gives the same rules
however many workers train, and whichever of them is first. A round that the budget cuts short is the beginning of the
round that a larger budget has.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch

from engine import controllers
from engine.config import SearchConfig
from engine.controllers.contract import Batch
from engine.controllers.preferences import by_kind
from engine.errors import RoundOrderError
from engine.language import Rule
from engine.screening import fingerprint, screen
from engine.search_state import read_state, write_state

FirstWith = Callable[[list[str]], dict[str, int]]
SCREENED_REWARD = 0.0  # of a rule that was screened out: a child trained with it would have learned nothing


@dataclass(frozen=True, slots=True)
class ProposedCandidate:
    """A rule that the controller proposes.

    Attributes:
        index: its number in the search, from 0.
        tokens: as the controller wrote them.
        text: the canonical form, which is what is trained.
        fingerprint: what the search knows the rule by; see ``engine.screening.fingerprint``.
        duplicate_of: index of the earlier candidate with the same rule, whose reward counts.
        screened: name of the decision by which it is not trained, with its ``reason``; its reward is SCREENED_REWARD.
    """

    index: int
    tokens: tuple[str, ...]
    text: str
    fingerprint: str
    complexity: int
    duplicate_of: int | None
    screened: str = ""
    reason: str = ""

    @property
    def is_trained(self) -> bool:
        """Whether a child is to be trained: the rule is new, and nothing speaks against it."""
        return self.duplicate_of is None and not self.screened


@dataclass(frozen=True, slots=True)
class ProposedRound:
    number: int
    candidates: tuple[ProposedCandidate, ...]
    metrics: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RoundReport:
    """What observing a round did.

    Attributes:
        metrics: of the controller: entropy, kl, loss, baseline, where it has them.
        preferences: what it would propose now: kind of slot -> share of each token, in the order of the space's last
            slot of that kind; each list sums to 1, but for rounding.
    """

    number: int
    metrics: dict[str, float]
    preferences: dict[str, list[float]] = field(default_factory=dict)


class OptimizerSearch:
    """One search. Rounds and candidates are numbered from 0."""

    def __init__(self, config: SearchConfig) -> None:
        self.config = config
        self.controller = controllers.build(config.space, config.controller, config.seed)
        self.rounds_proposed = 0
        self.rounds_observed = 0
        self.candidates_proposed = 0
        self._in_flight: dict[int, Batch] = {}

    @property
    def can_propose(self) -> bool:
        budget_left = self.candidates_proposed < self.config.budget
        return budget_left and len(self._in_flight) < self.config.rounds_in_flight

    @property
    def is_finished(self) -> bool:
        return self.candidates_proposed >= self.config.budget and not self._in_flight

    def propose(self, first_with: FirstWith) -> ProposedRound | None:
        """The next round, or None while enough rounds are in flight or when the budget is spent.

        Args:
            first_with: tells which of these fingerprints earlier candidates have, and the index of the first such one.
        """
        if not self.can_propose:
            return None
        n = min(self.config.round_size, self.config.budget - self.candidates_proposed)
        whole = self.controller.propose(self.config.round_size)
        batch = Batch(whole.tokens[:n], whole.logprobs[:n])  # cut, so that a larger budget begins with the same rules
        number = self.rounds_proposed
        candidates = self._candidates(batch, first_with)
        self._in_flight[number] = batch
        self.rounds_proposed += 1
        self.candidates_proposed += n
        return ProposedRound(number, candidates)

    def observe(self, number: int, rewards: list[float | None]) -> RoundReport:
        """Lets the controller learn from a round; a reward of None is of a candidate that could not be judged.

        Raises:
            RoundOrderError: it is not this round's turn, or the number of rewards is not the round's.
        """
        self._check_turn(number, len(rewards))
        metrics = self.controller.observe(self._in_flight[number], rewards)
        del self._in_flight[number]
        self.rounds_observed += 1
        return RoundReport(number, metrics, by_kind(self.config.space, self.controller.preferences()))

    def save(self) -> bytes:
        """The whole state; ``torch.load(weights_only=True)`` reads it."""
        return write_state(self.config, self._state())

    @classmethod
    def load(cls, config: SearchConfig, blob: bytes) -> OptimizerSearch:
        """Continues where ``save`` was called, bit for bit.

        Raises:
            SearchStateError: the state is damaged, or of another configuration or version.
        """
        search = cls(config)
        read_state(config, blob, search._restore)
        return search

    def _check_turn(self, number: int, rewards: int) -> None:
        if self.can_propose:
            raise RoundOrderError(f"Round {self.rounds_proposed} is to be proposed before round {number} is observed.")
        if number not in self._in_flight or number != self.rounds_observed:
            raise RoundOrderError(f"Round {number} cannot be observed now; round {self.rounds_observed} is next.")
        size = len(self._in_flight[number].tokens)
        if rewards != size:
            raise RoundOrderError(f"Round {number} has {size} candidates, not {rewards} rewards.")

    def _candidates(self, batch: Batch, first_with: FirstWith) -> tuple[ProposedCandidate, ...]:
        rows: list[list[int]] = batch.tokens.tolist()  # [n, slots]
        written = [self._tokens(row) for row in rows]
        rules = [Rule.from_tokens(tokens).canonical for tokens in written]
        prints = [fingerprint(rule, self.config.screening) for rule in rules]
        first = dict(first_with(prints))
        items = zip(written, rules, prints, strict=True)
        return tuple(
            self._candidate(index, *item, first.setdefault(item[2], index))
            for index, item in enumerate(items, self.candidates_proposed)
        )

    def _candidate(
        self, index: int, tokens: tuple[str, ...], rule: Rule, known_by: str, first: int
    ) -> ProposedCandidate:
        same = (index, tokens, rule.text, known_by, rule.complexity)
        if first != index:
            return ProposedCandidate(*same, duplicate_of=first)
        decision = screen(rule, self.config.screening)
        if decision is None:
            return ProposedCandidate(*same, duplicate_of=None)
        return ProposedCandidate(*same, duplicate_of=None, screened=decision.name, reason=decision.reason)

    def _tokens(self, row: list[int]) -> tuple[str, ...]:
        space = self.config.space
        return tuple(space.choices(slot)[choice] for slot, choice in enumerate(row))

    def _state(self) -> dict[str, Any]:
        rounds = {number: (batch.tokens, batch.logprobs) for number, batch in self._in_flight.items()}
        return {
            "controller": self.controller.state_dict(),
            "rounds_proposed": self.rounds_proposed,
            "rounds_observed": self.rounds_observed,
            "candidates_proposed": self.candidates_proposed,
            "in_flight": rounds,
        }

    def _restore(self, state: dict[str, Any]) -> None:
        self.controller.load_state_dict(state["controller"])
        self.rounds_proposed = int(state["rounds_proposed"])
        self.rounds_observed = int(state["rounds_observed"])
        self.candidates_proposed = int(state["candidates_proposed"])
        pairs: dict[int, tuple[torch.Tensor, torch.Tensor]] = state["in_flight"]
        self._in_flight = {number: Batch(tokens, logprobs) for number, (tokens, logprobs) in pairs.items()}
