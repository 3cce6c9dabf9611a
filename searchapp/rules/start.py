"""The rule of a search that a new search begins with."""

from __future__ import annotations

from searchapp.models import Search


def start_rule(search: Search, index: str) -> str:
    """The text of the candidate that an address names; empty where it names none of this search."""
    if not index.isascii() or not index.isdigit() or len(index) > 9:
        return ""
    return search.candidates.filter(index=int(index)).values_list("text", flat=True).first() or ""
