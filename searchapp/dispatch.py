"""Messages to the workers, sent by name, so that no sender imports the tasks or torch.

A message carries an id only and may be lost or come twice: the database is the truth, and the reaper sends again.
"""

import logging
from collections.abc import Iterable

from celery import current_app
from django.db.models.functions import Now
from kombu.connection import Connection
from kombu.exceptions import OperationalError

from searchapp.models import Candidate, Trial

log = logging.getLogger(__name__)

CONTROL_QUEUE = "control"
ADVANCE_SEARCH = "searchapp.tasks.advance_search"
REAP = "searchapp.tasks.reap"
TRAIN_CHILD = "searchapp.tasks.train_child"
TRAIN_TRIAL = "searchapp.tasks.train_trial"


def children_queue(queue_name: str) -> str:
    """The Celery queue of a queue's children."""
    return f"children.{queue_name}"


def trials_queue(queue_name: str) -> str:
    """The Celery queue of a queue's trials: a worker takes from both in turn, so neither waits for all of the other."""
    return f"trials.{queue_name}"


def advance_search(search_id: int) -> bool:
    """Ask a control worker to look at this search. False when the broker cannot be reached."""
    return _send(ADVANCE_SEARCH, [(search_id, CONTROL_QUEUE)]) == 1


def train_children(candidate_ids: Iterable[int]) -> int:
    """Put these candidates on the queues of their searches; returns how many messages the broker took."""
    rows = Candidate.objects.filter(pk__in=list(candidate_ids)).order_by("index")
    wanted = [(pk, children_queue(name)) for pk, name in rows.values_list("pk", "search__queue__name")]
    sent = _send(TRAIN_CHILD, wanted)
    Candidate.objects.filter(pk__in=[pk for pk, _ in wanted[:sent]]).update(sent_at=Now())
    return sent


def train_trials(trial_ids: Iterable[int]) -> int:
    """Put these trials on the queues of their searches; returns how many messages the broker took."""
    rows = Trial.objects.filter(pk__in=list(trial_ids)).order_by("pk")
    wanted = [(pk, trials_queue(name)) for pk, name in rows.values_list("pk", "search__queue__name")]
    sent = _send(TRAIN_TRIAL, wanted)
    Trial.objects.filter(pk__in=[pk for pk, _ in wanted[:sent]]).update(sent_at=Now())
    return sent


def _send(task: str, messages: list[tuple[int, str]]) -> int:
    """Send one message for each (id, Celery queue) over one connection; stop at the first that fails."""
    sent = 0
    try:
        with _connection() as connection:
            for row_id, queue in messages:
                current_app.send_task(task, args=[row_id], queue=queue, connection=connection, retry=False)
                sent += 1
    except (OperationalError, OSError) as error:
        log.warning("%s: %d of %d messages sent, the broker cannot be reached: %s", task, sent, len(messages), error)
    return sent


def _connection() -> Connection:
    """A connection that gives up at once: whoever asked for a page must not wait for a broker that is down."""
    connection: Connection = current_app.connection_for_write()
    give_up = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}
    connection.transport_options = {**(connection.transport_options or {}), **give_up}
    return connection
