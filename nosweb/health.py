"""/healthz: are the database and Redis reachable? For supervisors, containers and load balancers."""

from collections.abc import Callable

import redis
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, JsonResponse


def healthz(request: HttpRequest) -> JsonResponse:
    """200 when both answer, else 503; the body says for each part `ok` or what failed."""
    parts = {"database": _state(_ask_database), "redis": _state(_ask_redis)}
    return JsonResponse(parts, status=200 if set(parts.values()) == {"ok"} else 503)


def _state(ask: Callable[[], None]) -> str:
    try:
        ask()
    except Exception as error:  # whatever is wrong, the answer is that this part does not work
        return f"unreachable ({type(error).__name__})"
    return "ok"


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _ask_redis() -> None:
    with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as client:
        client.ping()
