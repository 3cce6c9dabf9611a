"""Tasks of the control workers. This module imports torch."""

from celery import shared_task

from searchapp import advance, control_pass, dispatch, reaper, retention
from searchapp.tasks import subjects  # noqa: F401  (it listens to Celery)


@shared_task(name=dispatch.ADVANCE_SEARCH)
def advance_search(search_id: int) -> int:
    return advance.advance_search(search_id)


@shared_task(name=dispatch.REAP)
def reap() -> dict[str, int]:
    mended = reaper.reap()
    control_pass.note()
    return {**mended, "events_removed": retention.prune_daily()}
