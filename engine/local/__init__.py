"""A search in this process, without servers: what the terminal command and notebooks use."""

from engine.local.candidate import LocalCandidate
from engine.local.confirmation import Confirmation
from engine.local.events import CandidateDone, ConfirmationBegun, ConfirmationDone, LocalEvent, RoundObserved
from engine.local.origin import ChildNotes
from engine.local.report import SearchReport
from engine.local.runner import run_search
from engine.local.standing import Standing

__all__ = [
    "CandidateDone",
    "ChildNotes",
    "Confirmation",
    "ConfirmationBegun",
    "ConfirmationDone",
    "LocalCandidate",
    "LocalEvent",
    "RoundObserved",
    "SearchReport",
    "Standing",
    "run_search",
]
