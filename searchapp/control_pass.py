"""When a control worker last made a pass: a time in Redis, by the clock of Redis, for /readyz and /metrics.

It stands in Redis, not in the database: a control worker without Redis can do nothing, and five seconds after Redis
came back empty, the next pass writes it again.
"""

from __future__ import annotations

import logging

import redis
from django.conf import settings

log = logging.getLogger(__name__)

LATELY = 60.0  # seconds; a pass comes every five, later while a large controller learns
ANSWER_SECONDS = 2  # that Redis may take


def client() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS
    )


def note() -> None:
    """Write that a pass was made now. A pass is no worse because this could not be written."""
    try:
        with client() as server:
            server.set(_key("control-pass"), _now(server))
    except redis.RedisError as error:
        log.warning("the control worker's pass was not noted: %s", type(error).__name__)


def seconds_ago() -> float | None:
    """Seconds since the last pass; None when there was none. Raises redis.RedisError when Redis does not answer."""
    with client() as server:
        noted = server.get(_key("control-pass"))
        return None if noted is None else max(0.0, _now(server) - float(noted))


def has_turn(name: str) -> bool:
    """May that be done now? Any number of control workers ask."""
    with client() as server:
        return not server.exists(_key(f"turn.{name}"))


def end_turn(name: str, seconds: int) -> None:
    """It is done; nobody has the turn for so many seconds."""
    with client() as server:
        server.set(_key(f"turn.{name}"), 1, ex=seconds)


def _now(server: redis.Redis) -> float:
    seconds, microseconds = server.time()
    return float(seconds) + float(microseconds) / 1e6


def _key(name: str) -> str:
    return f"{settings.REDIS_PREFIX}:{name}"
