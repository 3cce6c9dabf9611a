"""How often an address may come with a token that is none: a count a minute, in this process' memory.

No guess can succeed (a token has 256 random bits); the limit keeps a broken script from busying the database.
"""

from __future__ import annotations

from django.core.cache import cache

MOST_FAILURES = 30  # of one address
WINDOW = 60  # seconds


def _key(address: str) -> str:
    return f"wrong-token:{address}"


def note_failure(address: str) -> None:
    if not cache.add(_key(address), 1, WINDOW):
        try:
            cache.incr(_key(address))
        except ValueError:  # it ran out between the two
            cache.set(_key(address), 1, WINDOW)


def has_failed_too_often(address: str) -> bool:
    count: int = cache.get(_key(address), 0)
    return count >= MOST_FAILURES
