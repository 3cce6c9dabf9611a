"""Cuts a rule's text into numbers, names and marks, each with its place."""

from __future__ import annotations

import re
from typing import NamedTuple

from engine.errors import RuleError

MAX_TEXT = 4000
_SPELLINGS = str.maketrans({"−": "-", "·": "*", "×": "*", "÷": "/"})
_LEXEME = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_]\w*)|(?P<mark>[-+*/^(),;=]))", re.ASCII
)


class Lexeme(NamedTuple):
    kind: str
    text: str
    position: int


def lexemes(text: str) -> list[Lexeme]:
    """The text's parts, closed by one of kind ``end``; ``**`` reads as ``^``, and typographic signs as plain ones.

    Raises:
        RuleError: the text is too long or holds a character that means nothing.
    """
    if len(text) > MAX_TEXT:
        raise RuleError(f"The rule has {len(text):,} characters; at most {MAX_TEXT:,} are allowed.", MAX_TEXT)
    text = text.translate(_SPELLINGS).replace("**", "^ ")
    found, at = [], 0
    end = len(text.rstrip())
    while at < end:
        match = _LEXEME.match(text, at)
        if match is None:
            at += len(text[at:]) - len(text[at:].lstrip())
            raise RuleError(f"Character {at + 1}, “{text[at]}”, has no meaning in a rule.", at)
        kind = str(match.lastgroup)
        found.append(Lexeme(kind, match[kind], match.start(kind)))
        at = match.end()
    return [*found, Lexeme("end", "", end)]
