"""A search goes on: rounds are proposed, observed and, when the budget is spent, the search finishes.

Each step computes outside a transaction, then commits under the search's row lock, and only if the controller's state
is still the one it began with. So any number of these may run at once, and each may die at any point.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Lock
from typing import TypeVar

from django.db import DatabaseError, transaction
from pydantic import ValidationError

from engine.errors import EngineError
from engine.search import OptimizerSearch
from searchapp import replay, results, rounds
from searchapp.configs import search_config
from searchapp.lifecycle import change_status
from searchapp.models import ControllerState, Search
from searchapp.models.statuses import SearchStatus
from searchapp.progress import Step, next_step
from searchapp.recorder import lock
from searchapp.trials import plan

log = logging.getLogger(__name__)
T = TypeVar("T")
_CATCHING_UP = Lock()


class SearchBroken(Exception):
    """The search cannot go on; the message says why, for its owner."""


class StateMoved(Exception):
    """Another control worker was faster, or the search no longer runs: this one's work is thrown away."""


def advance_search(search_id: int) -> int:
    """Take every step that the search can take now; returns how many. Any number of calls, at any time, do no harm."""
    advance, steps = Advance(search_id), 0
    try:
        while advance.step():
            steps += 1
    except StateMoved:
        log.info("search %s: another control worker was faster", search_id)
    except SearchBroken as broken:
        _fail(search_id, advance.version, str(broken))
    return steps


@transaction.atomic
def _fail(search_id: int, version: int | None, reason: str) -> None:
    """Give the search up, unless its state moved meanwhile: then the reason may be another worker's progress."""
    search = lock(search_id)
    state = ControllerState.objects.filter(search_id=search_id).first()
    if not search.is_over and (state is None or state.version == version):
        change_status(search, SearchStatus.FAILED, reason)


class Advance:
    """The steps of one search; the controller stays in memory from one step to the next."""

    def __init__(self, search_id: int) -> None:
        self.search_id = search_id
        self.version: int | None = None  # of the state that this step begins with
        self._engine: OptimizerSearch | None = None
        self._engine_version: int | None = None
        self._may_catch_up = True  # until it turns out that the past cannot be played again
        self._steps: dict[Step, Callable[[Search], bool]] = {
            Step.RESOLVE: self._resolve,
            Step.CATCH_UP: self._catch_up,
            Step.PROPOSE: self._propose,
            Step.OBSERVE: self._observe,
            Step.FINISH: self._finish,
        }

    def step(self) -> bool:
        """Take the next step. False when there is none."""
        # The version is read before the rows that decide: what moves in between makes the commit fail.
        states = ControllerState.objects.filter(search_id=self.search_id)
        self.version = states.values_list("version", flat=True).first()
        search = Search.objects.filter(pk=self.search_id).first()
        wanted = search and next_step(search, may_catch_up=self._may_catch_up)
        return self._steps[wanted](search) if search and wanted else False

    def _resolve(self, search: Search) -> bool:
        return results.resolve_duplicates(search.pk) > 0

    def _propose(self, search: Search) -> bool:
        engine = self._load(search)
        proposed = _ask(lambda: engine.propose(partial(rounds.first_with, search)))
        if proposed is None:
            return engine.is_finished and self._finish(search)
        with self._commit(engine) as locked:
            rounds.write_proposed(locked, proposed)
        return True

    def _catch_up(self, search: Search) -> bool:
        """Bring a search whose budget was extended to where the larger one would have brought it by itself.

        It takes seconds where there are many rounds, so one thread of a process does it at a time.
        """
        if not _CATCHING_UP.acquire(blocking=False):
            return False  # that thread, or the reaper, comes back to this search
        try:
            return self._caught_up(search)
        finally:
            _CATCHING_UP.release()

    def _caught_up(self, search: Search) -> bool:
        config, past = self._load(search).config, replay.past_rounds(search)
        try:
            engine, last = _ask(lambda: replay.replay(config, past, partial(rounds.first_with, search)))
        except SearchBroken as error:
            log.warning("search %s goes on from its end: its rounds cannot be played again: %s", search.pk, error)
            self._may_catch_up = False
            return True  # the next step is taken from the saved state
        with self._commit(engine) as locked:
            rounds.complete(locked, last, engine.rounds_observed)
        self._engine = engine
        return True

    def _observe(self, search: Search) -> bool:
        engine, (number, rewards) = self._load(search), rounds.oldest_open(search)
        report = _ask(lambda: engine.observe(number, rewards))
        with self._commit(engine) as locked:
            rounds.write_observed(locked, report, rewards)
        return True

    @transaction.atomic
    def _finish(self, search: Search) -> bool:
        locked = lock(search.pk)
        if next_step(locked) == Step.FINISH:  # unless its budget was extended, or children queued again, meanwhile
            change_status(locked, SearchStatus.FINISHED)
            plan.confirm_best(locked)
        return False

    def _load(self, search: Search) -> OptimizerSearch:
        if self._engine is None or self._engine_version != self.version:
            if self.version is None:
                raise SearchBroken("The saved state of this search is missing; start a new search.")
            state = ControllerState.objects.filter(search=search, version=self.version).first()
            if state is None:
                raise StateMoved
            self._engine, self._engine_version = _ask(lambda: _engine(search, bytes(state.blob))), self.version
        return self._engine

    @contextmanager
    def _commit(self, engine: OptimizerSearch) -> Iterator[Search]:
        blob = _ask(engine.save)
        with transaction.atomic():
            locked = lock(self.search_id)
            before = self.version or 0
            states = ControllerState.objects.filter(search=locked, version=before)
            moved = states.update(version=before + 1, blob=blob) != 1
            if moved or locked.status != SearchStatus.RUNNING:
                raise StateMoved
            yield locked
        self._engine_version = before + 1


def _engine(search: Search, blob: bytes) -> OptimizerSearch:
    config = search_config(search)
    return OptimizerSearch.load(config, blob) if blob else OptimizerSearch(config)


def _ask(question: Callable[[], T]) -> T:
    """Ask the engine. What it cannot do now it cannot do later; errors of the database pass, for they may end."""
    try:
        return question()
    except DatabaseError:
        raise
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise SearchBroken(f"The stored configuration is not valid any more: {field}: {first['msg']}.") from error
    except EngineError as error:
        raise SearchBroken(str(error)) from error
    except Exception as error:
        log.exception("the engine failed")
        raise SearchBroken(f"The search cannot go on: {type(error).__name__}: {error}") from error
