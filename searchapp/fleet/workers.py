"""What staff may do to a worker and to the child it trains. Each act is a transaction with its audit entry."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction

from searchapp import results
from searchapp.fleet import audit
from searchapp.fleet.dismissing import give_back_of
from searchapp.fleet.errors import FleetError
from searchapp.models import Candidate, CandidateStatus, Queue, Trial, Worker
from searchapp.selectors import live_workers
from searchapp.trials import claims


@transaction.atomic
def drain_worker(*, user: User, worker: Worker) -> None:
    """It finishes its child, takes no more, and ends. Raises FleetError when it is not there to do so."""
    _check_live(worker)
    if not Worker.objects.filter(pk=worker.pk, draining=False).update(draining=True):
        raise FleetError(f"Worker {worker.name} is draining already.")
    audit.note(user, "worker.drained", worker, queue=worker.queue.name)


@transaction.atomic
def move_worker(*, user: User, worker: Worker, queue: Queue) -> None:
    """It finishes its child, then takes from the other queue, until it ends: its command line names the old one."""
    _check_live(worker)
    if worker.queue_id == queue.pk:
        raise FleetError(f"Worker {worker.name} is on queue {queue.name} already.")
    Worker.objects.filter(pk=worker.pk).update(queue=queue)
    audit.note(user, "worker.moved", worker, before=worker.queue.name, queue=queue.name)


def retire_worker(*, user: User, worker: Worker) -> int:
    """What it holds goes back at once; its row goes too, with a live worker as soon as that has ended.

    Returns how many children went back.
    """
    Worker.objects.filter(pk=worker.pk).update(retired=True)  # committed first: claims lock searches before workers
    with transaction.atomic():
        given_back = give_back_of(worker.name)
        if not live_workers().filter(pk=worker.pk).exists():
            Worker.objects.filter(pk=worker.pk).delete()
        audit.note(user, "worker.retired", worker, queue=worker.queue.name, given_back=given_back)
    return given_back


@transaction.atomic
def cancel_child(*, user: User, child: Candidate | Trial) -> None:
    """Fail a child in training on purpose: it counts without a reward, and may be trained again with what failed.

    It is not given back: then the next worker would begin it anew within a second. Its worker learns it when it
    renews its lease. Raises FleetError when this attempt does not train any more.
    """
    reason = f"Cancelled by {user.get_username()} while it trained."
    if isinstance(child, Candidate):
        ended = results.fail(candidate_id=child.pk, attempt=child.attempt, reason=reason)
    else:
        ended = claims.fail(trial_id=child.pk, attempt=child.attempt, reason=reason)
    if not ended:
        raise FleetError("That child does not train any more: nothing was cancelled.")
    audit.note(user, "child.cancelled", child, worker=child.worker_name, attempt=child.attempt)


def held_by(worker: Worker) -> Candidate | Trial | None:
    """The child that it trains now."""
    held = worker.candidate or worker.trial
    return held if held is not None and held.status == CandidateStatus.TRAINING else None


def _check_live(worker: Worker) -> None:
    if not live_workers().filter(pk=worker.pk, retired=False, refused="").exists():
        raise FleetError(f"Worker {worker.name} is not live: retire it instead.")
