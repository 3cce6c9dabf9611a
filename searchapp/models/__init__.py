"""The rows of the application. The database is the truth; everything else (messages, sockets) is a hint."""

from searchapp.models.api_token import ApiToken
from searchapp.models.audit import AuditEntry
from searchapp.models.candidate import Candidate, ChildRun
from searchapp.models.event import EventKind, SearchEvent
from searchapp.models.primitive_set import PrimitiveSet, PrimitiveSetVersion
from searchapp.models.queue import Queue, Worker
from searchapp.models.search import ControllerState, Round, Search
from searchapp.models.statuses import (
    CandidateStatus,
    Outcome,
    RoundStatus,
    SearchStatus,
    StatusChangeNotAllowed,
)
from searchapp.models.trial import Purpose, Transfer, Trial

__all__ = [
    "ApiToken",
    "AuditEntry",
    "Candidate",
    "CandidateStatus",
    "ChildRun",
    "ControllerState",
    "EventKind",
    "Outcome",
    "PrimitiveSet",
    "PrimitiveSetVersion",
    "Purpose",
    "Queue",
    "Round",
    "RoundStatus",
    "Search",
    "SearchEvent",
    "SearchStatus",
    "StatusChangeNotAllowed",
    "Transfer",
    "Trial",
    "Worker",
]
