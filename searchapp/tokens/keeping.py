"""Making, finding and revoking tokens. What is kept of one is its SHA-256: it has 256 random bits, so no salt."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from searchapp.models import ApiToken
from searchapp.names import checked_name

MARK = "nos_"  # so that people and secret scanners recognise one
MOST_TOKENS = 50  # that are still valid, of one person
USED_TO_THE = timedelta(minutes=1)  # `used_at` is written no more often
DAYS = (30, 90, 365)


class TooManyTokens(ValueError):
    """A person has as many valid tokens as anybody may have; the message is for people."""


class NewToken(NamedTuple):
    row: ApiToken
    text: str  # shown once


@transaction.atomic
def create_token(*, owner: User, name: str, days: int | None = None) -> NewToken:
    """A new token, valid for so many days, or until it is revoked. Raises BadName, TooManyTokens."""
    name = checked_name(name)
    if valid_tokens().filter(owner=owner).count() >= MOST_TOKENS:
        raise TooManyTokens(f"You have {MOST_TOKENS} valid tokens; revoke one that is not used any more.")
    text = MARK + secrets.token_urlsafe(32)
    row = ApiToken.objects.create(
        owner=owner,
        name=name,
        prefix=text[:10],
        digest=digest(text),
        expires_at=None if days is None else timezone.now() + timedelta(days=days),
    )
    return NewToken(row, text)


def revoke_token(*, token: ApiToken) -> None:
    """From now on it opens nothing; its row stays, so that its owner sees what it was."""
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=Now())


def find_valid(text: str) -> ApiToken | None:
    """The token, if it is valid and its owner may still sign in. Notes that it was used."""
    token = valid_tokens().select_related("owner").filter(digest=digest(text), owner__is_active=True).first()
    if token is not None:
        _note_use(token)
    return token


def tokens_of(owner: User) -> QuerySet[ApiToken]:
    """Every token of the person, the newest first."""
    return ApiToken.objects.filter(owner=owner)


def valid_tokens() -> QuerySet[ApiToken]:
    unexpired = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    return ApiToken.objects.filter(unexpired, revoked_at=None)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _note_use(token: ApiToken) -> None:
    now = timezone.now()
    if token.used_at is None or now - token.used_at >= USED_TO_THE:
        ApiToken.objects.filter(pk=token.pk).update(used_at=now)
