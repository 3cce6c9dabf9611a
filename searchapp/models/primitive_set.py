"""A named set of primitives to search with; those without an owner come with the product."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class PrimitiveSet(models.Model):
    name = models.CharField(max_length=100)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="primitive_sets",
        help_text="Empty: built in, offered to everybody.",
    )
    operands = models.JSONField(default=list)  # tokens as text: ["g", "m", "w(1e-4)", ...]
    unary = models.JSONField(default=list)
    binary = models.JSONField(default=list)

    class Meta:
        ordering = ["owner_id", "id"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="primitive_set_once_per_owner"),
            models.UniqueConstraint(
                fields=["name"], condition=Q(owner__isnull=True), name="built_in_primitive_set_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name
