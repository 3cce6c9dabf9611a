"""How a search is, in plain sentences: the one list for the page and, as JSON, for its script."""

from __future__ import annotations

from typing import Any

from searchapp import selectors
from searchapp.models import Search
from searchapp.models.statuses import OVER, SearchStatus

SENTENCES = {
    "queued": "Created, not started. Press Start when you are ready.",
    "running": "Rules are being trained; the controller learns from each round that is whole.",
    "paused": "Paused: children in training finish and count, nothing new starts. Press Resume to go on.",
    "finished": "Finished: the budget is spent.",
    "stopped": "Stopped before the budget was spent. What was found stays.",
    "failed": "Failed.",
    "no_worker": "No worker is running for this search’s queue, so nothing is trained at the moment. "
    "Start one with “make run” or “python manage.py worker”; it then goes on by itself.",
    "confirming": "The search is over. Its best rules and the baselines are being trained with fresh seeds.",
    "first": "The first rules are being trained.",
}
REASONED = ("failed", "paused")  # the reason, where there is one, says more than the sentence
TONES = {"failed": "bad", "paused": "warn", "no_worker": "warn"}


def key_of(summary: dict[str, Any]) -> str:
    """Which sentence fits; static/js/live_header.js chooses by the same rule."""
    if summary["status"] == SearchStatus.RUNNING and not summary["workers"]:
        return "no_worker"
    if summary["status"] == SearchStatus.RUNNING and not summary["done"]:
        return "first"
    if summary["status"] in OVER and summary["status"] != SearchStatus.FAILED and summary["trials_waiting"]:
        return "confirming" if summary["workers"] else "no_worker"
    return str(summary["status"])


def note(summary: dict[str, Any]) -> dict[str, str]:
    key = key_of(summary)
    text = SENTENCES[key]
    if summary["reason"] and key in REASONED:
        text = f"{key.capitalize()}: {summary['reason']}"
    return {"text": text, "tone": TONES.get(key, "")}


def seeds_text(protocol: dict[str, Any]) -> str:
    """How many seeds are behind a reward; searches of older versions say nothing and had one."""
    seeds = protocol.get("seeds", 1)
    return "one seed" if seeds == 1 else f"mean of {seeds} seeds"


def actions_by_status() -> dict[str, list[str]]:
    """Which buttons each status offers."""
    return {status: selectors.allowed_actions(Search(status=status)) for status in SearchStatus.values}
