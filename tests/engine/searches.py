"""Small searches to test with."""

from typing import Any

from engine.config import SearchConfig
from engine.registry import PRIMITIVE_SETS
from engine.search import OptimizerSearch, ProposedRound

UNCONFIRMED = {"top": 0, "baselines": ()}
UNSCREENED = {"enabled": False}  # every new rule is trained; what screening does has tests of its own
POWERSIGN = ("g", "m", "sign", "sign", "*", "#1", "g", "exp", "x", "*")


def config(primitive_set: str = "signs", **values: Any) -> SearchConfig:
    preset = PRIMITIVE_SETS[primitive_set]
    primitives = {"operands": preset.operands, "unary": preset.unary, "binary": preset.binary}
    small = {
        "budget": 20,
        "controller": {"name": "ppo", "settings": {"units": 16}},
        "screening": UNSCREENED,
        "confirmation": UNCONFIRMED,
    }
    return SearchConfig.model_validate({"primitives": primitives, **small, **values})


def likeness(tokens: tuple[str, ...]) -> float:
    """A reward with a known optimum: the share of tokens that are PowerSign's."""
    return sum(a == b for a, b in zip(tokens, POWERSIGN, strict=True)) / len(POWERSIGN)


def never_seen(fingerprints: list[str]) -> dict[str, int]:
    return {}


def play(search: OptimizerSearch) -> list[ProposedRound]:
    """Runs a search to its end with the synthetic reward; returns its rounds in order."""
    rounds: list[ProposedRound] = []
    waiting: list[ProposedRound] = []
    while not search.is_finished:
        while (proposed := search.propose(never_seen)) is not None:
            waiting.append(proposed)
            rounds.append(proposed)
        oldest = waiting.pop(0)
        search.observe(oldest.number, [likeness(c.tokens) for c in oldest.candidates])
    return rounds
