"""A search once more, with changes: every setting that is not changed is the first one's, its seed included."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from django.contrib.auth.models import User

from searchapp import services
from searchapp.editing.labels import LONGEST_NAME
from searchapp.models import Search

COPY = " (copy)"


def copy_name(name: str) -> str:
    return name[: LONGEST_NAME - len(COPY)].rstrip() + COPY


def clone_search(
    *, search: Search, owner: User, name: str | None = None, changes: dict[str, Any] | None = None, start: bool = False
) -> Search:
    """Save, and on request start, a search with the settings of another one and these `changes`.

    `changes` are parts of a configuration, such as {"child": {"protocol": {"epochs": 3}}}.
    """
    return services.create_search(
        owner=owner,
        name=copy_name(search.name) if name is None else name,
        config=changed(search.config, changes or {}),
        queue=search.queue,
        start=start,
        parent=search,
    )


def changed(config: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The configuration with the changes laid over it, part by part.

    Settings belong to their network or controller: another one begins with its own defaults.
    """
    below = deepcopy(config)
    for part, choice, settings in (("child", "network", "network_settings"), ("controller", "name", "settings")):
        wanted = changes.get(part)
        if isinstance(wanted, dict) and wanted.get(choice, below[part][choice]) != below[part][choice]:
            below[part].pop(settings, None)
    return _laid_over(below, changes)


def _laid_over(below: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    for name, value in changes.items():
        under = below.get(name)
        below[name] = _laid_over(under, value) if isinstance(under, dict) and isinstance(value, dict) else value
    return below
