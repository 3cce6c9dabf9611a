"""What is to be trained besides the candidates: each function makes the trials that are missing, and sends them.

The search's row is locked by the caller. A trial whose twin (same rule, setting and seed) was trained on this server
before, in whichever search, takes over its numbers instead of being trained again.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from django.db.models import Min

from engine.config import ChildConfig, SearchConfig
from engine.language import Rule
from engine.presets import baseline
from searchapp.configs import search_config
from searchapp.lifecycle import send_trials_on_commit
from searchapp.models import Candidate, CandidateStatus, Outcome, Purpose, Search, Transfer, Trial
from searchapp.trials.claims import announce
from searchapp.trials.standing import ranked

PATH_BASELINES = ("sgd", "momentum", "adam")  # whose ways are drawn beside a rule's
AGAIN = (CandidateStatus.FAILED, CandidateStatus.CANCELLED)
RESULT = (
    "outcome",
    "reason",
    "reward",
    "learning_rate",
    "runs",
    "extra",
    "seconds",
    "finished_at",
)  # no worker: nobody trained it


def add_baselines(search: Search) -> list[Trial]:
    """The named rules of the search's configuration, each with every fresh seed; all with the first seed come first."""
    config = search_config(search)
    confirmation = config.confirmation
    pairs = [(name, number) for number in range(confirmation.seeds) for name in confirmation.baselines]
    return _ensure(
        search, [_baseline(search, Purpose.BASELINE, name, config.fresh_child, number=number) for name, number in pairs]
    )


def confirm_best(search: Search) -> list[Trial]:
    """The best rules of a search whose rounds are all observed."""
    confirmation = search_config(search).confirmation
    best = ranked(search).filter(outcome=Outcome.TRAINED)[: confirmation.top]
    return confirm(search, best, seeds=confirmation.seeds)


def confirm(search: Search, candidates: Iterable[Candidate], *, seeds: int) -> list[Trial]:
    """These candidates with the fresh seeds 0 to seeds − 1; seeds that they have already are kept."""
    child = search_config(search).fresh_child
    return _ensure(
        search,
        [
            _of_candidate(search, Purpose.CONFIRMATION, candidate, child, number=number)
            for candidate in candidates
            for number in range(seeds)
        ],
    )


def transfer(search: Search, candidate: Candidate, *, title: str, child: ChildConfig, number: int) -> Transfer:
    """A rule and the search's baselines on another network or data set, all with the same fresh seed."""
    names = search_config(search).confirmation.baselines
    row = Transfer.objects.create(candidate=candidate, title=title, child=child.model_dump(mode="json"))
    trials = [_of_candidate(search, Purpose.TRANSFER, candidate, child, number=number)]
    trials += [_baseline(search, Purpose.TRANSFER, name, child, number=number) for name in names]
    for trial in trials:
        trial.transfer = row
    _ensure(search, trials)
    return row


def paths(search: Search, candidate: Candidate) -> list[Trial]:
    """The rule's ways over the 2-D test functions, and those of a few baselines."""
    trials = [_of_candidate(search, Purpose.PATHS, candidate, None)]
    trials += [_baseline(search, Purpose.PATHS, name, None) for name in PATH_BASELINES]
    return _ensure(search, trials)


def _of_candidate(
    search: Search, purpose: Purpose, candidate: Candidate, child: ChildConfig | None, number: int = 0
) -> Trial:
    return _trial(search, purpose, candidate.text, child, number, candidate=candidate)


def _baseline(search: Search, purpose: Purpose, name: str, child: ChildConfig | None, number: int = 0) -> Trial:
    return _trial(search, purpose, baseline(name).text, child, number, name=name)


def _trial(search: Search, purpose: Purpose, text: str, child: ChildConfig | None, number: int, **more: Any) -> Trial:
    seed = SearchConfig.confirmation_seed(number)
    values = {} if child is None else child.model_dump(mode="json")
    kind = purpose if purpose in (Purpose.TRANSFER, Purpose.PATHS) else "child"
    return Trial(
        search=search,
        purpose=purpose,
        text=text,
        child=values,
        number=number,
        seed=seed,
        key=_key([kind, Rule.parse(text).fingerprint, values, seed, more.get("name", "")]),
        **more,
    )


def _key(parts: list[Any]) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def _ensure(search: Search, wanted: list[Trial]) -> list[Trial]:
    """Make those that are missing, queue failed and cancelled ones again, take over what is known; return the new."""
    asked = {_place(trial): trial for trial in reversed(wanted)}  # of two for the same rule, the first
    there = {_place(row): row for row in _there(search, wanted) if _place(row) in asked}
    new = [trial for place, trial in reversed(asked.items()) if place not in there]
    again = [row for row in there.values() if row.status in AGAIN]
    if again:
        reset = {"status": CandidateStatus.QUEUED, "reason": "", "losses": 0, "sent_at": None, "finished_at": None}
        Trial.objects.filter(pk__in=[row.pk for row in again]).update(**reset)
    known = _known({trial.key for trial in new})
    for trial in new:
        _take_over(trial, known.get(trial.key))
        trial.save(force_insert=True)
    for trial in new:
        if trial.status == CandidateStatus.FINISHED:
            announce(search, trial)
    send_trials_on_commit([row.pk for row in (*again, *new) if row.status != CandidateStatus.FINISHED])
    return new


def _place(trial: Trial) -> tuple[str, int | None, str]:
    return trial.purpose, trial.transfer_id, trial.key


def _there(search: Search, wanted: list[Trial]) -> list[Trial]:
    return list(search.trials.filter(key__in={trial.key for trial in wanted}).defer("runs", "extra"))


def _known(keys: set[str]) -> dict[str, Trial]:
    """One finished trial of each key: a key may have been trained, or taken over, in many searches."""
    rows = Trial.objects.filter(key__in=keys, status=CandidateStatus.FINISHED).order_by()
    first = rows.values("key").annotate(first=Min("pk")).values_list("first", flat=True)
    return {row.key: row for row in Trial.objects.filter(pk__in=list(first))}


def _take_over(trial: Trial, twin: Trial | None) -> None:
    if twin is None:
        return
    trial.status = CandidateStatus.FINISHED
    for name in RESULT:
        setattr(trial, name, getattr(twin, name))
