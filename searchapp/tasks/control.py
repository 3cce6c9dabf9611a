"""Tasks of the control workers. This module imports torch."""

from celery import shared_task

from searchapp import advance, control_pass, dispatch, reaper
from searchapp.log_context import about


@shared_task(name=dispatch.ADVANCE_SEARCH)
def advance_search(search_id: int) -> int:
    with about(search=search_id):
        return advance.advance_search(search_id)


@shared_task(name=dispatch.REAP)
def reap() -> dict[str, int]:
    mended = reaper.reap()
    control_pass.note()
    return mended
