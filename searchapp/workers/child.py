"""One child worker: claims a candidate or a trial, trains it in its trainer process, records the result."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from django.db import InterfaceError, OperationalError, close_old_connections
from pydantic import ValidationError

from engine.children.process import Trainer
from engine.errors import ChildStopped, EngineError, MachineError, TrainerDied
from searchapp import leases
from searchapp.fleet import waking
from searchapp.log_context import note
from searchapp.models import Worker
from searchapp.selectors import live_workers
from searchapp.workers.heartbeat import Heartbeat
from searchapp.workers.ledgers import CANDIDATES, Ledger
from searchapp.workers.news import TrainingNews

log = logging.getLogger(__name__)

GRACE_SECONDS = 5.0  # that a child may still train after the worker was told to end
WRITE_AGAIN = (0.5, 1, 2, 4, 8, 16, 30)  # seconds between attempts while the database is away


class ChildWorker:
    """Trains one candidate or trial at a time with a trainer that stays warm between them."""

    def __init__(self, name: str, trainer: Trainer, renew_every: float = leases.RENEW_EVERY) -> None:
        self.name, self.trainer, self.renew_every = name, trainer, renew_every
        self.news = TrainingNews(name)
        self._end_at: float | None = None  # monotonic seconds
        self._drains = False
        self._at_work = threading.Lock()  # held from before the claim until the end of the child

    def end_soon(self) -> None:
        """Let the child in training finish if it does so in a few seconds, else give it back."""
        self._end_at = time.monotonic() + GRACE_SECONDS

    def drain(self) -> bool:
        """Take no more. True when nothing trains any more: the worker can end."""
        self._drains = True
        return not self._at_work.locked()

    def train(self, row: int, ledger: Ledger = CANDIDATES) -> str:
        """Claim, train, record. Returns in a word what became of it, for the log.

        Args:
            row: what the message is about; which child is trained, the ledger decides.
        """
        with self._at_work:
            return self._claim_and_train(row, ledger)

    def _claim_and_train(self, row: int, ledger: Ledger) -> str:
        claim = None if self._end_at or self._drains else ledger.claim(row, self.name)
        if claim is None:
            return "nothing to do"  # trained already, paused, stopped, or another worker's
        renew = Heartbeat(lambda: ledger.renew(claim), self.renew_every, f"lease of {claim}")
        try:
            with renew:
                return self._train(ledger, claim, renew)
        finally:
            Worker.objects.filter(name=self.name).update(candidate=None, trial=None)
            waking.wake_next(self.name)

    def _train(self, ledger: Ledger, claim: Any, renew: Heartbeat) -> str:
        """The claim ends here: recorded, failed, given back (and the search paused), or it was lost before."""
        try:
            job, subject = ledger.job(claim), ledger.subject(claim)
            note(search=subject.search_id, **ledger.ids(claim))
            with self.news.of(subject, job, live_workers().count()) as on_event:
                result = self.trainer.train(job, on_event, lambda: renew.has_stopped or self._is_over())
        except ChildStopped:
            return _write("given back", lambda: ledger.give_back(claim))
        except TrainerDied as died:
            lost = str(died)
            return _write("trainer died", lambda: ledger.give_back(claim, lost))
        except MachineError as error:
            reason = f"Worker {self.name} cannot train its children: {error} Then resume the search."
            return _write("paused", lambda: ledger.pause(claim, reason))
        except (EngineError, ValidationError) as error:
            reason = str(error)
            return _write("failed", lambda: ledger.fail(claim, reason))
        except (InterfaceError, OperationalError):  # of the database, between claim and training: nobody was lost
            log.exception("the database was away for a moment")
            return _write("given back", lambda: ledger.give_back(claim))
        return _write("recorded", lambda: ledger.record(claim, result))

    def _is_over(self) -> bool:
        return self._end_at is not None and time.monotonic() > self._end_at


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
