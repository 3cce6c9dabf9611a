"""What a person writes on a search: name, notes, tags; and whether it stands in the list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from searchapp.editing.errors import BadEdit
from searchapp.markdown import LONGEST_NOTES
from searchapp.models import Search
from searchapp.names import BadName, checked_name
from searchapp.tags import BadTags, checked_tags

LONGEST_NAME = 100


@transaction.atomic
def label_search(
    *,
    search: Search,
    name: str | None = None,
    notes: str | None = None,
    tags: Iterable[str] | None = None,
    archived: bool | None = None,
) -> Search:
    """Change what is given and leave the rest. Nothing of it changes what is searched, so any search allows it.

    Raises:
        BadEdit: names the field that is wrong; then nothing is changed.
    """
    changes: dict[str, Any] = {}
    if name is not None:
        changes["name"] = _name(name)
    if notes is not None:
        changes["notes"] = _notes(notes)
    if tags is not None:
        changes["tags"] = _tags(tags)
    if archived is not None and archived != (search.archived_at is not None):
        changes["archived_at"] = Now() if archived else None
    if changes:
        Search.objects.filter(pk=search.pk).update(**changes)
        search.refresh_from_db()
    return search


def _name(name: str) -> str:
    try:
        checked = checked_name(name)
    except BadName as error:
        raise BadEdit("name", str(error)) from None
    if len(checked) > LONGEST_NAME:
        raise BadEdit("name", f"A name has at most {LONGEST_NAME} characters.")
    return checked


def _notes(notes: str) -> str:
    notes = notes.replace("\r\n", "\n").strip()
    if len(notes) > LONGEST_NOTES:
        raise BadEdit("notes", f"The notes have {len(notes):,} characters; at most {LONGEST_NOTES:,} are kept.")
    if "\0" in notes:
        raise BadEdit("notes", "The notes hold a character that cannot be kept.")
    return notes


def _tags(tags: Iterable[str]) -> list[str]:
    try:
        return checked_tags(tags)
    except BadTags as error:
        raise BadEdit("tags", str(error)) from None
