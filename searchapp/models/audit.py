"""Who did what to queues, workers, children and searches, and when. Written once, never changed."""

from django.conf import settings
from django.db import models


class AuditEntry(models.Model):
    """One act of a person. Names are kept as text: the row outlives the person and the thing."""

    at = models.DateTimeField(auto_now_add=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    who = models.CharField(max_length=150)
    action = models.CharField(max_length=40)  # such as "queue.paused"
    target = models.CharField(max_length=200)  # such as "queue default"
    details = models.JSONField(default=dict)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "audit entries"
        indexes = [models.Index(fields=["action"], name="audit_action")]

    def __str__(self) -> str:
        return f"{self.who}: {self.action}, {self.target}"
