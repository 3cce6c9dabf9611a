"""What a person writes on a rule: notes and tags."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from searchapp.markdown import LONGEST_NOTES
from searchapp.models import Candidate
from searchapp.tags import checked_tags


class BadNotes(ValueError):
    """Notes that cannot be kept; the message says why."""


@transaction.atomic
def annotate(*, candidate: Candidate, notes: str, tags: Iterable[str]) -> Candidate:
    """Write notes (Markdown, as typed) and tags on a candidate, in any state of its search.

    Raises:
        BadNotes, searchapp.tags.BadTags: then nothing is changed.
    """
    kept = {"notes": _checked(notes), "tags": checked_tags(tags)}
    Candidate.objects.filter(pk=candidate.pk).update(**kept)
    candidate.refresh_from_db(fields=list(kept))
    return candidate


def _checked(notes: str) -> str:
    notes = notes.replace("\r\n", "\n").strip()
    if len(notes) > LONGEST_NOTES:
        raise BadNotes(f"The notes have {len(notes):,} characters; at most {LONGEST_NOTES:,} are kept.")
    if "\0" in notes:
        raise BadNotes("The notes hold a character that cannot be kept.")
    return notes
