"""A named set of primitives to search with, and every version of it; those without an owner come with the product."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class PrimitiveSet(models.Model):
    """The set as it is now. Searches copy its tokens, so a change never reaches one that was started."""

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


class PrimitiveSetVersion(models.Model):
    """What somebody saved once; never changed. The highest number is what the set is now."""

    primitive_set = models.ForeignKey(PrimitiveSet, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()  # 1, 2, 3, ... in each set
    operands = models.JSONField(default=list)
    unary = models.JSONField(default=list)
    binary = models.JSONField(default=list)
    note = models.CharField(max_length=200, blank=True)  # where it came from: “version 2 again”, say
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["primitive_set_id", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["primitive_set", "number"], name="primitive_set_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.primitive_set}, version {self.number}"
