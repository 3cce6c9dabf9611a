"""Trials: trainings that judge a rule apart from the search's own rewards.

A *confirmation* trains one of the best rules again with a fresh seed, a *baseline* a named rule with the same seeds
and the same protocol, a *transfer* either of them on another network or data set; *paths* are a rule's ways over the
2-D test functions. Workers claim trials as they claim candidates.
"""

from django.db import models
from django.db.models import Q

from searchapp.models.candidate import Candidate
from searchapp.models.search import Search
from searchapp.models.statuses import CandidateStatus, Outcome


class Purpose(models.TextChoices):
    CONFIRMATION = "confirmation"
    BASELINE = "baseline"
    TRANSFER = "transfer"
    PATHS = "paths"


class Transfer(models.Model):
    """A rule tried elsewhere: the data set, network and protocol that it and the baselines are trained with."""

    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="transfers")
    title = models.CharField(max_length=200)
    child = models.JSONField()  # engine.config.ChildConfig
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.title} (transfer {self.pk})"


class Trial(models.Model):
    """One rule, one seed, one setting; `attempt` fences what may write its result, as for a candidate."""

    search = models.ForeignKey(Search, on_delete=models.CASCADE, related_name="trials")
    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    candidate = models.ForeignKey(Candidate, null=True, blank=True, on_delete=models.CASCADE, related_name="trials")
    name = models.CharField(max_length=50, blank=True)  # of the named rule; empty: the candidate's rule
    transfer = models.ForeignKey(Transfer, null=True, blank=True, on_delete=models.CASCADE, related_name="trials")
    text = models.TextField()  # the rule
    child = models.JSONField(default=dict)  # engine.config.ChildConfig; empty for paths
    number = models.PositiveSmallIntegerField(default=0)  # which of the fresh seeds, from 0
    seed = models.PositiveBigIntegerField(default=0)
    key = models.CharField(max_length=32)  # equal keys give equal results: what was trained once is not trained again
    status = models.CharField(max_length=10, choices=CandidateStatus.choices, default=CandidateStatus.QUEUED)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    reason = models.TextField(blank=True)
    reward = models.FloatField(null=True, blank=True)  # validation accuracy, 0 to 1
    learning_rate = models.FloatField(null=True, blank=True)
    runs = models.JSONField(default=list)  # engine.children.results.RunRecord, as dicts
    extra = models.JSONField(default=dict)  # a transfer's four columns, paths' points
    attempt = models.PositiveIntegerField(default=0)
    losses = models.PositiveSmallIntegerField(default=0)
    worker_name = models.CharField(max_length=100, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)  # by the database's clock
    sent_at = models.DateTimeField(null=True, blank=True)
    seconds = models.FloatField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["search", "purpose", "status"], name="trial_purpose"),
            models.Index(fields=["key", "status"], name="trial_key"),
            models.Index(
                fields=["status", "lease_until"], condition=Q(status__in=["queued", "training"]), name="trial_waiting"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["search", "purpose", "key"], condition=Q(transfer__isnull=True), name="trial_once"
            ),
            models.UniqueConstraint(fields=["transfer", "key"], name="transfer_trial_once"),
            models.CheckConstraint(condition=Q(status__in=CandidateStatus.values), name="trial_status_known"),
            models.CheckConstraint(condition=Q(purpose__in=Purpose.values), name="trial_purpose_known"),
            models.CheckConstraint(
                condition=~Q(status="training") | Q(lease_until__isnull=False), name="trial_in_training_has_a_lease"
            ),
            models.CheckConstraint(
                condition=~Q(status="finished") | Q(reward__isnull=False), name="finished_trial_has_a_reward"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.number} of {self.name or self.candidate_id} in search {self.search_id}"
