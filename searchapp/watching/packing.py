"""Tokens as small numbers, and long histories thinned: what keeps the snapshot of a large search light."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from engine.language import Space

UNKNOWN = -1  # a token that the configuration does not offer any more
MOST_COLUMNS = 240  # rounds whose preferences a snapshot holds, at most: a heat map has no more columns


class TokenTable:
    """The tokens of a search by kind of slot. A candidate's tokens are written as their places in it."""

    def __init__(self, config: dict[str, Any]) -> None:
        primitives = config["primitives"]
        space = Space(primitives["operands"], primitives["unary"], primitives["binary"], config["groups"])
        self.kinds = tuple(str(kind) for kind in space.slots)
        widest: dict[str, tuple[str, ...]] = {}
        for slot, kind in enumerate(self.kinds):  # later slots offer earlier ones' choices and more
            widest[kind] = max(widest.get(kind, ()), tuple(space.choices(slot)), key=len)
        self.tokens = {kind: list(choices) for kind, choices in widest.items()}
        self._packed: dict[str, list[int]] = {}
        self._places = [{token: place for place, token in enumerate(widest[kind])} for kind in self.kinds]

    def pack_text(self, text: str) -> list[int]:
        """As `pack`, of tokens as the database holds them; rows that were read before cost nothing."""
        if text not in self._packed:
            self._packed[text] = self.pack(json.loads(text))
        return self._packed[text]

    def pack(self, tokens: Sequence[str]) -> list[int]:
        return [places.get(token, UNKNOWN) for places, token in zip(self._places, tokens, strict=False)]


def thin_preferences(rounds: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rounds in order, with the preferences of at most MOST_COLUMNS of them, evenly spread, the last one's too."""
    rows = list(rounds)
    holding = [row for row in rows if "preferences" in row["metrics"]]
    step = -(-len(holding) // MOST_COLUMNS) or 1
    dropped = [row for place, row in enumerate(reversed(holding)) if place % step]
    for row in dropped:
        row["metrics"] = {name: value for name, value in row["metrics"].items() if name != "preferences"}
    return rows
