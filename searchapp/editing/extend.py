"""A larger budget for a search that runs or is finished.

The result is that of a search which had the larger budget from the beginning, whenever it is extended and on any number
of workers: what the smaller budget had changed (a last round cut short, rounds observed although the next one was due)
is made undone by the control worker, see `searchapp.replay`. It cannot where the search was begun by a version or a
machine that proposes other rules with the same seed; then the search goes on from the state it has, with the last round
as short as it was.
"""

from django.db import transaction
from django.db.models import F

from engine.config import SearchConfig
from searchapp.editing.errors import BadEdit, EditNotAllowed
from searchapp.lifecycle import advance_on_commit, change_status
from searchapp.models import ControllerState, EventKind, Search
from searchapp.models.statuses import SearchStatus
from searchapp.recorder import lock, record

S = SearchStatus
EXTENDABLE = frozenset({S.QUEUED, S.RUNNING, S.PAUSED, S.FINISHED})
LARGEST = next(rule.le for rule in SearchConfig.model_fields["budget"].metadata if hasattr(rule, "le"))


@transaction.atomic
def extend_search(*, search: Search, budget: int) -> Search:
    """Let the search go on to `budget` candidates in all; a finished one runs again.

    Raises:
        BadEdit: the budget is not larger than the search's, or larger than any may be.
        EditNotAllowed: the search was stopped or has failed.
    """
    locked = lock(search.pk)
    if locked.status not in EXTENDABLE:
        raise EditNotAllowed(f"The search is {locked.status}: its budget cannot be extended; clone it to search on.")
    if budget <= locked.budget:
        raise BadEdit("budget", f"The budget is {locked.budget:,} already; give a larger one.")
    if budget > LARGEST:
        raise BadEdit("budget", f"The budget may be at most {LARGEST:,} candidates.")
    before, locked.budget = locked.budget, budget
    locked.config = {**locked.config, "budget": budget}
    locked.save(update_fields=["budget", "config"])
    unsettle(locked)
    record(locked, EventKind.SEARCH_EXTENDED, {"budget": budget, "before": before})
    if locked.status == S.FINISHED:
        change_status(locked, S.RUNNING)
    advance_on_commit(locked.pk)
    locked.refresh_from_db()
    return locked


def unsettle(search: Search) -> None:
    """What a control worker is computing from the search's rows as they were is thrown away. Its row is locked."""
    ControllerState.objects.filter(search=search).update(version=F("version") + 1)
