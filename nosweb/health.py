"""/healthz: do the database and Redis answer? /readyz: may people be sent here? For containers and load balancers.

Answers name what is wrong by its kind alone: an error's own text may hold an address or a password.
"""

from collections.abc import Callable

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse

from searchapp import control_pass

_migrated: list[bool] = []  # what was applied once stays so while this process, with its code, lives


class NotReady(Exception):
    """The message is ours, and goes out."""


def healthz(request: HttpRequest) -> JsonResponse:
    """200 when both answer, else 503; the body says for each part `ok` or what failed."""
    parts = {"database": _state(_ask_database), "redis": _state(_ask_redis)}
    return JsonResponse(parts, status=200 if set(parts.values()) == {"ok"} else 503)


def readyz(request: HttpRequest) -> JsonResponse:
    """200 and {"ready": true, "missing": {}}, or 503 with the parts that are missing and why."""
    asked = {
        "database": _ask_database,
        "redis": _ask_redis,
        "migrations": _ask_migrations,
        "control worker": _ask_control_worker,
    }
    states = {part: _state(ask) for part, ask in asked.items()}
    missing = {part: state for part, state in states.items() if state != "ok"}
    return JsonResponse({"ready": not missing, "missing": missing}, status=503 if missing else 200)


def _state(ask: Callable[[], None]) -> str:
    try:
        ask()
    except NotReady as error:
        return str(error)
    except Exception as error:  # whatever is wrong, the answer is that this part does not work
        return f"unreachable ({type(error).__name__})"
    return "ok"


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _ask_redis() -> None:
    with control_pass.client() as server:
        server.ping()


def _ask_migrations() -> None:
    if _migrated:
        return
    executor = MigrationExecutor(connection)
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if waiting:
        raise NotReady(f"{waiting} not applied: run `python manage.py migrate`")
    _migrated.append(True)


def _ask_control_worker() -> None:
    ago = control_pass.seconds_ago()
    if ago is None:
        raise NotReady("not seen: start one with `python manage.py worker --control`")
    if ago > control_pass.LATELY:
        raise NotReady(f"not seen for {ago:.0f} s")
