"""A search, the saved state of its controller, and its rounds."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from searchapp.models.queue import Queue
from searchapp.models.statuses import OVER, RoundStatus, SearchStatus


class Search(models.Model):
    """What somebody asked for, and how far it is. Its row lock orders everything that happens to it."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="searches")
    name = models.CharField(max_length=100)
    status = models.CharField(max_length=10, choices=SearchStatus.choices, default=SearchStatus.QUEUED)
    reason = models.TextField(blank=True)  # why it failed
    config = models.JSONField()  # engine.config.SearchConfig
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="searches")
    seed = models.PositiveBigIntegerField(default=0)
    budget = models.PositiveIntegerField()  # candidates
    events_count = models.PositiveBigIntegerField(default=0)  # the seq of the last event
    candidates_proposed = models.PositiveIntegerField(default=0)
    candidates_done = models.PositiveIntegerField(default=0)  # finished or failed
    best_candidate = models.ForeignKey(
        "searchapp.Candidate", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    best_confirmed = models.ForeignKey(
        "searchapp.Candidate", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="clones")
    notes = models.TextField(blank=True)  # Markdown, as its owner typed it; pages sanitise it
    tags = models.JSONField(default=list, blank=True)  # short words
    archived_at = models.DateTimeField(null=True, blank=True)  # out of the list, not out of the database
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "searches"
        indexes = [
            models.Index(fields=["owner", "-id"], name="search_owner"),
            models.Index(fields=["status"], name="search_status"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=SearchStatus.values), name="search_status_known"),
            models.CheckConstraint(condition=Q(budget__gte=1), name="search_budget_positive"),
            models.CheckConstraint(
                condition=Q(candidates_done__lte=F("candidates_proposed")), name="search_done_is_proposed"
            ),
            models.CheckConstraint(condition=Q(candidates_proposed__lte=F("budget")), name="search_proposed_in_budget"),
        ]

    def __str__(self) -> str:
        return f"{self.name} (search {self.pk})"

    @property
    def is_over(self) -> bool:
        return self.status in OVER


class ControllerState(models.Model):
    """What the engine needs to go on: written only when `version` is still the one that was read."""

    search = models.OneToOneField(Search, on_delete=models.CASCADE, related_name="controller_state")
    version = models.PositiveIntegerField(default=0)
    blob = models.BinaryField(default=bytes)  # OptimizerSearch.save(); empty before the first round

    def __str__(self) -> str:
        return f"state {self.version} of search {self.search_id}"


class Round(models.Model):
    """Candidates proposed together; their rewards are observed together, in the order of the rounds."""

    search = models.ForeignKey(Search, on_delete=models.CASCADE, related_name="rounds")
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=RoundStatus.choices, default=RoundStatus.OPEN)
    metrics = models.JSONField(default=dict)
    observed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["search_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["search", "number"], name="round_once"),
            models.CheckConstraint(condition=Q(status__in=RoundStatus.values), name="round_status_known"),
        ]

    def __str__(self) -> str:
        return f"round {self.number} of search {self.search_id}"
