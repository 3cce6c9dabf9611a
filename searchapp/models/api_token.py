"""Tokens with which programs call the API in a person's name; only a hash of each is kept."""

from django.conf import settings
from django.db import models


class ApiToken(models.Model):
    """One token of one person. The token itself is shown once, when it is made, and stands nowhere afterwards."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12)  # its first characters, by which people tell their tokens apart
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of the token, in hex
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True, blank=True)  # to the minute
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = "API token"
        verbose_name_plural = "API tokens"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
