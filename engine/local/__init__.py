"""A search in this process, without servers: what the terminal command and notebooks use."""

from engine.local.report import CandidateDone, LocalCandidate, LocalEvent, RoundObserved, SearchReport
from engine.local.runner import run_search

__all__ = ["CandidateDone", "LocalCandidate", "LocalEvent", "RoundObserved", "SearchReport", "run_search"]
