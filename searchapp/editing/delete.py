"""A search and everything that belongs to it is deleted: its rules, runs, trials and events."""

from django.db import transaction

from searchapp.editing.errors import EditNotAllowed
from searchapp.fleet import audit
from searchapp.models import Search
from searchapp.models.statuses import SearchStatus
from searchapp.recorder import lock

DELETABLE = frozenset(SearchStatus.values) - {SearchStatus.RUNNING}


@transaction.atomic
def delete_search(*, search: Search) -> None:
    """Workers that train for it learn at their next heartbeat that it is gone.

    Raises:
        EditNotAllowed: it runs.
    """
    locked = lock(search.pk)
    if locked.status not in DELETABLE:
        raise EditNotAllowed("The search is running: stop it before you delete it.")
    audit.note(locked.owner, "search.deleted", locked, candidates=locked.candidates_proposed)
    locked.delete()
