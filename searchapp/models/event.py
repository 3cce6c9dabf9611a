"""What happened in a search, numbered without gaps: the live page replays it after any `seq`."""

from django.db import models

from searchapp.models.search import Search


class EventKind(models.TextChoices):
    SEARCH_STATUS = "search.status"
    ROUND_PROPOSED = "round.proposed"
    CANDIDATE_STARTED = "candidate.started"
    CANDIDATE_FINISHED = "candidate.finished"
    ROUND_OBSERVED = "round.observed"
    TRIAL_FINISHED = "trial.finished"
    SEARCH_EXTENDED = "search.extended"
    SEARCH_RETRIED = "search.retried"


class SearchEvent(models.Model):
    search = models.ForeignKey(Search, on_delete=models.CASCADE, related_name="events")
    seq = models.PositiveBigIntegerField()  # 1, 2, 3, ... in each search; taken under the search's row lock
    kind = models.CharField(max_length=30, choices=EventKind.choices)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["search_id", "seq"]
        constraints = [models.UniqueConstraint(fields=["search", "seq"], name="event_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.seq} of search {self.search_id}"
