"""Tags: short words by which searches and rules are found again."""

from __future__ import annotations

from collections.abc import Iterable

MOST_TAGS = 20
LONGEST_TAG = 40  # characters


class BadTags(ValueError):
    """Tags that cannot be kept; the message says why."""


def split_tags(text: str) -> list[str]:
    """What was typed into one field, separated by commas."""
    return text.split(",")


def checked_tags(tags: Iterable[str]) -> list[str]:
    """The tags without white space around them, each once (capital or not), in their order.

    Raises:
        BadTags: there are too many, one is too long, holds a comma or what cannot be shown.
    """
    found: dict[str, str] = {}
    for tag in (" ".join(tag.split(" ")).strip() for tag in tags):
        if tag:
            found.setdefault(tag.casefold(), _checked(tag))
    if len(found) > MOST_TAGS:
        raise BadTags(f"There are {len(found)} tags; at most {MOST_TAGS} are kept.")
    return list(found.values())


def _checked(tag: str) -> str:
    if len(tag) > LONGEST_TAG:
        raise BadTags(f"The tag “{tag[:LONGEST_TAG]}…” is longer than {LONGEST_TAG} characters.")
    if not tag.isprintable() or "," in tag:
        raise BadTags("A tag holds neither commas nor characters that cannot be shown.")
    return tag
