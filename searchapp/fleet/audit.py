"""The one way to write down who did what."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Model

from searchapp.models import AuditEntry, Queue, Worker

LAST = 50  # entries on a page


def note(user: AbstractBaseUser | AnonymousUser, action: str, target: Model | str, **details: Any) -> None:
    """Write one entry. Call it in the transaction of the act, so that neither is there without the other.

    Args:
        action: thing and participle, such as `queue.paused`.
        details: JSON.
    """
    AuditEntry.objects.create(
        user_id=user.pk, who=user.get_username()[:150], action=action, target=named(target), details=details
    )


def named(target: Model | str) -> str:
    """As it stands in the audit, such as "queue default"."""
    if isinstance(target, str):
        return target[:200]
    if not isinstance(target, Queue | Worker):
        return str(target)[:200]  # "name (search 7)", "candidate 3 of search 7"
    return f"{target._meta.verbose_name} {target}"[:200]


def last() -> list[AuditEntry]:
    return list(AuditEntry.objects.all()[:LAST])
