"""The task of the child workers."""

from celery import shared_task

from searchapp import dispatch
from searchapp.workers import child


@shared_task(name=dispatch.TRAIN_CHILD)
def train_child(candidate_id: int) -> str:
    return child.current().train(candidate_id)
