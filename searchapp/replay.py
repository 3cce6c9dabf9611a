"""A search as a larger budget would have had it from the beginning: its rounds are played again with their rewards.

A budget changes a search in two places, both at its end: the last round is cut short, and rounds are observed although
the next one is due. A larger budget that comes later makes both undone: the controller is built anew from the
configuration, proposes what it proposed and is told the rewards that it was told, up to the last point at which the
smaller budget had changed nothing. That takes one update of the controller for each round, and no training.
"""

from dataclasses import dataclass, field

from engine.config import SearchConfig
from engine.errors import EngineError
from engine.search import FirstWith, OptimizerSearch, ProposedCandidate
from searchapp.models import Search


class OtherRules(EngineError):
    """Played again, the search proposes other rules: an older version, or another machine's arithmetic, made it."""


@dataclass(slots=True)
class PastRound:
    tokens: list[list[str]] = field(default_factory=list)
    rewards: list[float | None] = field(default_factory=list)  # as the controller was told them


def past_rounds(search: Search) -> list[PastRound]:
    """The rounds of a search, in their order; one query."""
    rows = search.candidates.order_by("index").values_list("round__number", "tokens", "reward", "unobserved")
    found: list[PastRound] = []
    for number, tokens, reward, unobserved in rows:
        while len(found) <= number:
            found.append(PastRound())
        found[number].tokens.append(list(tokens))
        found[number].rewards.append(None if unobserved else reward)
    return found


def replay(
    config: SearchConfig, past: list[PastRound], first_with: FirstWith
) -> tuple[OptimizerSearch, tuple[ProposedCandidate, ...]]:
    """The engine with all these rounds proposed and as few as possible observed; and the last round, now whole.

    Raises:
        OtherRules: it proposes others than it did then.
    """
    engine, last = OptimizerSearch(config), tuple[ProposedCandidate, ...]()
    while engine.rounds_proposed < len(past):
        if engine.can_propose:
            last = _proposed_again(engine, past[engine.rounds_proposed], first_with)
        else:
            engine.observe(engine.rounds_observed, past[engine.rounds_observed].rewards)
    return engine, last


def _proposed_again(engine: OptimizerSearch, past: PastRound, first_with: FirstWith) -> tuple[ProposedCandidate, ...]:
    proposed = engine.propose(first_with)
    candidates = proposed.candidates if proposed else ()
    if [list(candidate.tokens) for candidate in candidates][: len(past.tokens)] != past.tokens:
        raise OtherRules(f"Round {engine.rounds_proposed - 1} has other rules than it had.")
    return candidates
