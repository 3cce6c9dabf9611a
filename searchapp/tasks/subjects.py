"""Every line that a task writes, Celery's own included, carries the id of the row that the task was sent for."""

from typing import Any

from celery import Task
from celery.signals import task_prerun

from searchapp import dispatch, log_context

SUBJECTS = {dispatch.ADVANCE_SEARCH: "search", dispatch.TRAIN_CHILD: "candidate", dispatch.TRAIN_TRIAL: "trial"}


@task_prerun.connect
def tell(task: Task, args: list[Any], **_: Any) -> None:
    """Begin anew: the thread has run other tasks before."""
    name = SUBJECTS.get(task.name)
    log_context.begin(**({name: args[0]} if name and args else {}))
