"""A candidate, which is a rule in a search, and the runs of the child trained with it."""

from django.db import models
from django.db.models import Q

from searchapp.models.search import Round, Search
from searchapp.models.statuses import CandidateStatus, Outcome


class Candidate(models.Model):
    """A worker claims it by raising `attempt`; only what names the current attempt may write its result."""

    search = models.ForeignKey(Search, on_delete=models.CASCADE, related_name="candidates")
    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="candidates")
    index = models.PositiveIntegerField()  # within the search, in the order of proposal
    tokens = models.JSONField()
    text = models.TextField()
    fingerprint = models.CharField(max_length=16)
    complexity = models.PositiveIntegerField()  # nodes of the canonical tree
    status = models.CharField(max_length=10, choices=CandidateStatus.choices, default=CandidateStatus.QUEUED)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    reason = models.TextField(blank=True)
    reward = models.FloatField(null=True, blank=True)  # validation accuracy, 0 to 1
    learning_rate = models.FloatField(null=True, blank=True)
    duplicate_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="duplicates")
    attempt = models.PositiveIntegerField(default=0)  # raised by each claim; a fencing token
    losses = models.PositiveSmallIntegerField(default=0)  # claims that ended in a lost worker or trainer
    # Failed, its round was observed without it, and then it was trained again: the controller never sees its reward.
    unobserved = models.BooleanField(default=False)
    worker_name = models.CharField(max_length=100, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)  # by the database's clock
    sent_at = models.DateTimeField(null=True, blank=True)  # when its message last reached the broker
    seconds = models.FloatField(null=True, blank=True)  # of training
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    # Of its confirmation, once all its fresh seeds are trained: never mixed with the reward, which chose the rule.
    confirmed_mean = models.FloatField(null=True, blank=True)
    confirmed_std = models.FloatField(null=True, blank=True)  # of the single trainings, n − 1; none for one of them
    confirmed_n = models.PositiveSmallIntegerField(default=0)
    # What lists of rules are narrowed and sorted by, written with the round.
    words = models.TextField(blank=True)  # engine.language.words between spaces, such as " * exp g m sign "
    times_proposed = models.PositiveIntegerField(default=1)  # 1 + its duplicates
    notes = models.TextField(blank=True)  # Markdown, as the search's owner typed it; pages sanitise it
    tags = models.JSONField(default=list, blank=True)  # short words

    class Meta:
        ordering = ["search_id", "index"]
        indexes = [
            models.Index(fields=["search", "fingerprint"], name="candidate_fingerprint"),
            models.Index(fields=["search", "status"], name="candidate_status"),
            # What a list of rules is sorted by; the last columns let it be narrowed without reading the rows.
            models.Index(
                fields=["search", "-reward", "complexity", "index", "duplicate_of", "outcome", "confirmed_mean"],
                name="candidate_rank",
            ),
            models.Index(fields=["search", "complexity", "index", "duplicate_of"], name="candidate_complexity"),
            models.Index(fields=["search", "times_proposed", "index", "duplicate_of"], name="candidate_times"),
            models.Index(fields=["search", "learning_rate", "index", "duplicate_of"], name="candidate_rate"),
            models.Index(fields=["search", "outcome", "index", "duplicate_of"], name="candidate_outcome"),
            models.Index(
                fields=["search", "-confirmed_mean"],
                condition=Q(confirmed_mean__isnull=False),
                name="candidate_confirmed",
            ),
            models.Index(
                fields=["status", "lease_until"],
                condition=Q(status__in=["queued", "training"]),
                name="candidate_waiting",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["search", "index"], name="candidate_once"),
            models.CheckConstraint(condition=Q(status__in=CandidateStatus.values), name="candidate_status_known"),
            models.CheckConstraint(condition=Q(outcome__in=["", *Outcome.values]), name="candidate_outcome_known"),
            models.CheckConstraint(
                condition=~Q(status="training") | Q(lease_until__isnull=False), name="training_has_a_lease"
            ),
            models.CheckConstraint(
                condition=~Q(status="finished") | Q(reward__isnull=False), name="finished_has_a_reward"
            ),
        ]

    def __str__(self) -> str:
        return f"candidate {self.index} of search {self.search_id}"


class ChildRun(models.Model):
    """One training of a child: a learning rate of the sweep, or the final run. Kept for the attempt that counted."""

    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="runs")
    attempt = models.PositiveIntegerField()
    position = models.PositiveSmallIntegerField()  # in the order of training, from 0
    stage = models.CharField(max_length=10)  # sweep, final
    learning_rate = models.FloatField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    reason = models.TextField(blank=True)
    curve = models.JSONField(default=list)  # [{epoch, train_loss, validation_accuracy}, ...]
    seconds = models.FloatField()

    class Meta:
        ordering = ["candidate_id", "position"]
        constraints = [models.UniqueConstraint(fields=["candidate", "position"], name="child_run_once")]

    def __str__(self) -> str:
        return f"{self.stage} run {self.position} of {self.candidate_id}"
