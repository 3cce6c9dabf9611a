"""Queues of children and the workers that serve them."""

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q


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
    paused = models.BooleanField(default=False, help_text="Nothing new starts; what trains finishes and counts.")
    limit_per_user = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        verbose_name="limit per person",
        help_text="Children of one person that train at once on this queue. Empty: no limit.",
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(limit_per_user__isnull=True) | Q(limit_per_user__gte=1), name="queue_limit_positive"
            )
        ]

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
    version = models.CharField(max_length=20, blank=True)  # of the application it runs
    machine = models.JSONField(default=dict, blank=True)  # how busy its machine is, see searchapp.fleet.machine
    # What the server asks of it; it looks whenever it writes `seen_at`.
    draining = models.BooleanField(default=False)  # finish the child, take no more, end
    retired = models.BooleanField(default=False)  # end now: what it held is another worker's
    refused = models.TextField(blank=True)  # why it may not train; it ends and says so
    candidate = models.ForeignKey(
        "searchapp.Candidate", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    trial = models.ForeignKey("searchapp.Trial", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["name"]
        indexes = [models.Index(fields=["queue", "seen_at"], name="worker_queue_seen")]

    def __str__(self) -> str:
        return self.name
