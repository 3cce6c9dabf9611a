"""One child worker: claims a candidate, trains it in its trainer process, records the result."""

import logging
import time
from collections.abc import Callable

from django.db import InterfaceError, OperationalError, close_old_connections
from pydantic import ValidationError

from engine.children.process import ChildJob, Trainer
from engine.errors import ChildStopped, EngineError, MachineError, TrainerDied
from searchapp import leases, results
from searchapp.configs import search_config
from searchapp.models import Candidate, Worker
from searchapp.workers.heartbeat import Heartbeat

log = logging.getLogger(__name__)

GRACE_SECONDS = 5.0  # that a child may still train after the worker was told to end
WRITE_AGAIN = (0.5, 1, 2, 4, 8, 16, 30)  # seconds between attempts while the database is away


class ChildWorker:
    """Trains one candidate at a time with a trainer that stays warm between them."""

    def __init__(self, name: str, trainer: Trainer, renew_every: float = leases.RENEW_EVERY) -> None:
        self.name, self.trainer, self.renew_every = name, trainer, renew_every
        self._end_at: float | None = None  # monotonic seconds

    def end_soon(self) -> None:
        """Let the child in training finish if it does so in a few seconds, else give its candidate back."""
        self._end_at = time.monotonic() + GRACE_SECONDS

    def train(self, candidate_id: int) -> str:
        """Claim, train, record. Returns in a word what became of it, for the log."""
        claim = None if self._end_at else leases.claim(candidate_id=candidate_id, worker_name=self.name)
        if claim is None:
            return "nothing to do"  # trained already, paused, stopped, or another worker's
        renew = Heartbeat(lambda: leases.renew(claim), self.renew_every, f"lease of candidate {candidate_id}")
        try:
            with renew:
                return self._train(claim, renew)
        finally:
            Worker.objects.filter(name=self.name).update(candidate=None)

    def _train(self, claim: leases.Claim, renew: Heartbeat) -> str:
        """The claim ends here: recorded, failed, given back (and the search paused), or it was lost before."""
        row, attempt = claim.candidate_id, claim.attempt
        try:
            result = self.trainer.train(_job(claim), should_stop=lambda: renew.has_stopped or self._is_over())
        except ChildStopped:
            return _write("given back", lambda: results.give_back(candidate_id=row, attempt=attempt))
        except TrainerDied as died:
            lost = str(died)
            return _write("trainer died", lambda: results.give_back(candidate_id=row, attempt=attempt, lost=lost))
        except MachineError as error:
            reason = f"Worker {self.name} cannot train its children: {error} Then resume the search."
            return _write("paused", lambda: results.pause_for(candidate_id=row, attempt=attempt, reason=reason))
        except (EngineError, ValidationError) as error:
            reason = str(error)
            return _write("failed", lambda: results.fail(candidate_id=row, attempt=attempt, reason=reason))
        return _write("recorded", lambda: results.record_result(candidate_id=row, attempt=attempt, result=result))

    def _is_over(self) -> bool:
        return self._end_at is not None and time.monotonic() > self._end_at


def _job(claim: leases.Claim) -> ChildJob:
    candidate = Candidate.objects.select_related("search").get(pk=claim.candidate_id)
    config = search_config(candidate.search)
    key = f"{claim.candidate_id}.{claim.attempt}"
    return ChildJob(key, candidate.text, config.child, config.child_seed(candidate.fingerprint))


def _write(what: str, write: Callable[[], bool]) -> str:
    """Write how a child ended, again and again while the database is away: minutes of training are in it."""
    for pause in WRITE_AGAIN:
        try:
            return what if write() else f"{what}, but the claim was lost: thrown away"
        except (OperationalError, InterfaceError) as error:
            log.warning("the database cannot be reached, next attempt in %s s: %s", pause, error)
            time.sleep(pause)
            close_old_connections()
    return what if write() else f"{what}, but the claim was lost: thrown away"


_installed: list[ChildWorker] = []


def install(worker: ChildWorker) -> None:
    """Make this the worker that the Celery task of this process uses."""
    _installed[:] = [worker]


def current() -> ChildWorker:
    if not _installed:
        raise RuntimeError("No child worker in this process: start one with `python manage.py worker --queue default`.")
    return _installed[0]
