"""The reaper mends what died or got lost: leases that ran out, messages that never arrived, searches that sit still."""

from datetime import timedelta

from django.db.models import DurationField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from searchapp import dispatch, leases
from searchapp.fleet import dismissing
from searchapp.models import Candidate, Search, Trial
from searchapp.models.statuses import SearchStatus
from searchapp.progress import next_step
from searchapp.selectors import live_workers
from searchapp.trials import claims

RESEND_AFTER = timedelta(seconds=15)  # a message that an idle worker has not taken by then is lost
MOST_RESENT = 100  # at a time; the rest follows five seconds later


def reap() -> dict[str, int]:
    """One pass; returns what was mended. Harmless at any time and any number of times at once."""
    return {
        "taken_from_workers": dismissing.dismiss(),
        "given_back": leases.give_back_expired(),
        "trials_given_back": claims.give_back_expired(leases.NOT_HEARD),
        "sent_again": dispatch.train_children(_lost_messages().values_list("pk", flat=True)[:MOST_RESENT]),
        "trials_sent_again": dispatch.train_trials(_lost_trials().values_list("pk", flat=True)[:MOST_RESENT]),
        "advanced": sum(dispatch.advance_search(search.pk) for search in _sitting_still()),
    }


def _lost_messages() -> QuerySet[Candidate]:
    """Queued candidates that were never sent, or sent a while ago although a worker of their queue is idle.

    While all workers are busy, a message that waits is no message lost. On a paused queue workers throw messages away:
    nothing is sent until it goes on.
    """
    return leases.waiting().filter(_is_lost(), search__queue__paused=False).order_by("pk")


def _lost_trials() -> QuerySet[Trial]:
    return claims.waiting().filter(_is_lost(), search__queue__paused=False).order_by("pk")


def _is_lost() -> Q | Combinable:
    before = ExpressionWrapper(Now() - Value(RESEND_AFTER, DurationField()), Candidate.sent_at.field)
    takes = live_workers().filter(draining=False, retired=False, refused="")
    idle = takes.filter(candidate=None, trial=None, queue_id=OuterRef("search__queue_id"))
    return Q(sent_at=None) | (Q(sent_at__lt=before) & Exists(idle))


def _sitting_still() -> list[Search]:
    running = Search.objects.filter(status=SearchStatus.RUNNING).order_by("pk")
    return [search for search in running if next_step(search)]
