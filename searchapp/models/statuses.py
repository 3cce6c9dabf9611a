"""Every status in the database, and the one table of the changes that are allowed.

Services, tasks and the reaper ask `check_change` before they write; pages ask `may_change` before they offer a button.
"""

from django.db import models


class SearchStatus(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"


class RoundStatus(models.TextChoices):
    OPEN = "open"
    OBSERVED = "observed"


class CandidateStatus(models.TextChoices):
    QUEUED = "queued"
    TRAINING = "training"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Outcome(models.TextChoices):
    TRAINED = "trained"
    DIVERGED = "diverged"
    DROPPED = "dropped"
    DUPLICATE = "duplicate"
    SCREENED = "screened"


S, C = SearchStatus, CandidateStatus
ALLOWED_CHANGES: dict[str, frozenset[str]] = {
    S.QUEUED: frozenset({S.RUNNING, S.STOPPED, S.FAILED}),
    S.RUNNING: frozenset({S.PAUSED, S.FINISHED, S.STOPPED, S.FAILED}),
    S.PAUSED: frozenset({S.RUNNING, S.STOPPED, S.FAILED}),
    S.FINISHED: frozenset({S.RUNNING}),  # a larger budget, or failed children that are trained again
    S.STOPPED: frozenset(),
    S.FAILED: frozenset(),
}
OVER = frozenset({S.FINISHED, S.STOPPED, S.FAILED})  # nothing happens in such a search by itself

CANDIDATE_CHANGES: dict[str, frozenset[str]] = {
    # A queued duplicate goes straight to finished or failed: it is not trained. A screened rule is written finished.
    C.QUEUED: frozenset({C.TRAINING, C.FINISHED, C.FAILED, C.CANCELLED}),
    C.TRAINING: frozenset({C.QUEUED, C.FINISHED, C.FAILED, C.CANCELLED}),
    C.FINISHED: frozenset(),
    C.FAILED: frozenset({C.QUEUED}),  # somebody has it trained again
    C.CANCELLED: frozenset(),
}
WAITING = frozenset({C.QUEUED, C.TRAINING})  # candidates that a round still waits for
DONE = frozenset({C.FINISHED, C.FAILED})  # candidates that count towards the budget


class StatusChangeNotAllowed(Exception):
    """Somebody asked for a change of status that the table does not have; the message is for people."""

    def __init__(self, status: str, wanted: str) -> None:
        self.status, self.wanted = status, wanted
        after = sorted(ALLOWED_CHANGES[status])
        rest = f"it can become {', '.join(after)}" if after else "it is over and stays so"
        super().__init__(f"The search is {status}: it cannot become {wanted}; {rest}.")


def may_change(status: str, wanted: str) -> bool:
    return wanted in ALLOWED_CHANGES[status]


def check_change(status: str, wanted: str) -> None:
    """Raise StatusChangeNotAllowed unless a search of this status may become `wanted`."""
    if not may_change(status, wanted):
        raise StatusChangeNotAllowed(status, wanted)
