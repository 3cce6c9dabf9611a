"""The tasks of the child workers."""

from celery import shared_task

from searchapp import dispatch
from searchapp.tasks import subjects  # noqa: F401  (it listens to Celery)
from searchapp.workers import child
from searchapp.workers.ledgers import TRIALS


@shared_task(name=dispatch.TRAIN_CHILD)
def train_child(candidate_id: int) -> str:
    return child.current().train(candidate_id)


@shared_task(name=dispatch.TRAIN_TRIAL)
def train_trial(trial_id: int) -> str:
    return child.current().train(trial_id, TRIALS)
