"""Every key, once: the dialog behind “?”, the documentation and static/js/shortcuts.js read this list."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shortcut:
    """`keys` are pressed one after the other; `target` is a page's address name, or an action of the script."""

    keys: tuple[str, ...]
    does: str
    page: str = ""  # the name of an address to go to
    action: str = ""  # what static/js/shortcuts.js does itself


GROUPS: dict[str, tuple[Shortcut, ...]] = {
    "Anywhere": (
        Shortcut(("?",), "Show this list", action="help"),
        Shortcut(("g", "s"), "Go to the searches", page="search-list"),
        Shortcut(("g", "n"), "Go to a new search", page="search-new"),
        Shortcut(("g", "p"), "Go to the primitive sets", page="primitive-set-list"),
        Shortcut(("g", "d"), "Go to the documentation", page="docs"),
        Shortcut(("g", "t"), "Go to the API tokens", page="token-list"),
        Shortcut(("t",), "Light or dark", action="theme"),
    ),
    "In tables": (
        Shortcut(("/",), "Focus the filter", action="filter"),
        Shortcut(("j",), "Next row", action="next"),
        Shortcut(("k",), "Previous row", action="previous"),
        Shortcut(("Enter",), "Open the row’s link", action="open"),
    ),
    "On a search’s page": (
        Shortcut(("p",), "Pause or resume", action="pause"),
        Shortcut(("l",), "To the leaderboard", action="leaderboard"),
    ),
    "On a rule’s page": (
        Shortcut(("[",), "Previous rule", action="previous-page"),
        Shortcut(("]",), "Next rule", action="next-page"),
    ),
}
