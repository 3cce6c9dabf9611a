"""What people ask for: each a transaction that writes, and messages that go out once it is committed.

Functions take names only. A configuration that is wrong raises pydantic.ValidationError (a path and a sentence for each
error), a name that is none BadName, a change of status that is not allowed StatusChangeNotAllowed. A broker that is
down loses nothing: the reaper sends the message later.
"""

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from engine.config import ChildConfig, PrimitivesConfig, SearchConfig
from searchapp.fleet import audit
from searchapp.lifecycle import advance_on_commit, change_status, send_on_commit, send_trials_on_commit
from searchapp.models import (
    Candidate,
    CandidateStatus,
    ControllerState,
    EventKind,
    PrimitiveSet,
    Queue,
    Search,
    Transfer,
)
from searchapp.models.statuses import SearchStatus, StatusChangeNotAllowed
from searchapp.names import checked_name
from searchapp.recorder import lock, record
from searchapp.sets import versions
from searchapp.trials import plan


@transaction.atomic
def create_search(
    *,
    owner: User,
    name: str,
    config: SearchConfig | dict[str, Any],
    queue: Queue | None = None,
    start: bool = True,
    parent: Search | None = None,
) -> Search:
    """Save a search and, unless `start` is false, start it. `parent` is the search that it was cloned from."""
    name = checked_name(name)
    checked = config if isinstance(config, SearchConfig) else SearchConfig.model_validate(config)
    search = Search.objects.create(
        owner=owner,
        name=name,
        config=checked.model_dump(mode="json"),
        queue=queue or Queue.objects.get_or_create(name=Queue.DEFAULT)[0],
        seed=checked.seed,
        budget=checked.budget,
        parent=parent,
    )
    ControllerState.objects.create(search=search)
    record(search, EventKind.SEARCH_STATUS, {"status": search.status, "reason": ""})
    if start:
        _run(search)
        audit.note(owner, "search.started", search)
    return search


@transaction.atomic
def start_search(*, search: Search) -> Search:
    """Start a search that was only saved."""
    return _changed(search, SearchStatus.RUNNING, from_status=SearchStatus.QUEUED)


@transaction.atomic
def pause_search(*, search: Search) -> Search:
    """Children in training finish and count; nothing new starts."""
    return _changed(search, SearchStatus.PAUSED)


@transaction.atomic
def resume_search(*, search: Search) -> Search:
    """Go on where the pause began: what waits is sent again."""
    return _changed(search, SearchStatus.RUNNING, from_status=SearchStatus.PAUSED)


@transaction.atomic
def stop_search(*, search: Search) -> Search:
    """End a search for good: what waits is cancelled, children in training are told at their next heartbeat."""
    return _changed(search, SearchStatus.STOPPED)


ACTS = {SearchStatus.RUNNING: "started", SearchStatus.PAUSED: "paused", SearchStatus.STOPPED: "stopped"}  # in the audit
ACTIONS = {"start": start_search, "pause": pause_search, "resume": resume_search, "stop": stop_search}


class NotJudgedYet(ValueError):
    """A rule without a reward can be neither confirmed nor transferred; the message is for people."""


@transaction.atomic
def confirm_rule(*, candidate: Candidate, seeds: int) -> None:
    """Train a rule again with the fresh seeds 0 to seeds − 1, under the search's own protocol."""
    search = _judged(candidate)
    plan.confirm(search, [candidate], seeds=seeds)


@transaction.atomic
def confirm_best(*, search: Search) -> int:
    """Train the best rules of a search that is over again with fresh seeds; returns how many trials are new."""
    return len(plan.confirm_best(lock(search.pk)))


@transaction.atomic
def transfer_rule(*, candidate: Candidate, title: str, child: ChildConfig, number: int = 0) -> Transfer:
    """Train a rule and the baselines on another network or data set."""
    return plan.transfer(_judged(candidate), candidate, title=title, child=child, number=number)


@transaction.atomic
def draw_paths(*, candidate: Candidate) -> None:
    """Have a rule's ways over the 2-D test functions computed."""
    plan.paths(lock(candidate.search_id), candidate)


def _judged(candidate: Candidate) -> Search:
    """The candidate's search, locked."""
    search = lock(candidate.search_id)
    candidate.refresh_from_db()
    if candidate.status != CandidateStatus.FINISHED:
        raise NotJudgedYet(f"Rule {candidate.index} has no reward yet: it is {candidate.status}.")
    return search


@transaction.atomic
def save_primitive_set(
    *, owner: User, name: str, operands: list[str], unary: list[str], binary: list[str]
) -> PrimitiveSet:
    """Keep a set of primitives under a name of the owner's; the same name again makes a new version of it."""
    tokens = PrimitivesConfig(operands=tuple(operands), unary=tuple(unary), binary=tuple(binary))
    return versions.save_by_name(owner=owner, name=name, tokens=tokens)


def _changed(search: Search, wanted: SearchStatus, from_status: SearchStatus | None = None) -> Search:
    locked = lock(search.pk)
    if from_status is not None and locked.status != from_status:
        raise StatusChangeNotAllowed(locked.status, wanted)
    act = "resumed" if (locked.status, wanted) == (SearchStatus.PAUSED, SearchStatus.RUNNING) else ACTS[wanted]
    if wanted == SearchStatus.RUNNING:
        _run(locked)
    else:
        change_status(locked, wanted)
    audit.note(locked.owner, f"search.{act}", locked)  # nobody else may act on it
    locked.refresh_from_db()
    return locked


def _run(search: Search) -> None:
    is_first_start = search.status == SearchStatus.QUEUED
    change_status(search, SearchStatus.RUNNING)
    if is_first_start:
        plan.add_baselines(search)
    else:
        trials = search.trials.filter(status=CandidateStatus.QUEUED)
        send_trials_on_commit(list(trials.values_list("pk", flat=True)))
    waiting = Candidate.objects.filter(search=search, status=CandidateStatus.QUEUED, duplicate_of=None)
    send_on_commit(list(waiting.values_list("pk", flat=True)))
    advance_on_commit(search.pk)
