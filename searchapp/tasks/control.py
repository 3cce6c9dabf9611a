"""Tasks of the control workers. This module imports torch."""

from celery import shared_task

from searchapp import advance, dispatch, reaper


@shared_task(name=dispatch.ADVANCE_SEARCH)
def advance_search(search_id: int) -> int:
    return advance.advance_search(search_id)


@shared_task(name=dispatch.REAP)
def reap() -> dict[str, int]:
    return reaper.reap()
