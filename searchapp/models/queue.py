"""Queues of children and the workers that serve them."""

from django.core.validators import RegexValidator
from django.db import models


class Queue(models.Model):
    """Candidates of a search go to its queue; the Celery queue is called `children.<name>`."""

    DEFAULT = "default"

    name = models.CharField(
        max_length=50,
        unique=True,
        validators=[
            RegexValidator(
                r"^[a-z0-9][a-z0-9-]*\Z",
                "Small letters, digits and hyphens only, beginning with a letter or a digit.",
            )
        ],
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Worker(models.Model):
    """One child worker process. It writes `seen_at` every few seconds; this row, not Celery's events, is the truth."""

    name = models.CharField(max_length=100, unique=True)
    host = models.CharField(max_length=255, blank=True)
    device = models.CharField(max_length=50, blank=True)
    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="workers")
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    candidate = models.ForeignKey(
        "searchapp.Candidate", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    trial = models.ForeignKey("searchapp.Trial", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["name"]
        indexes = [models.Index(fields=["queue", "seen_at"], name="worker_queue_seen")]

    def __str__(self) -> str:
        return self.name
