"""What a child worker trains: candidates and trials. A ledger knows how each is claimed and how its end is written."""

from typing import Any, Protocol

from engine.children.kinds import JobKind
from engine.children.process import ChildJob
from engine.children.results import ChildResult
from engine.config import ChildConfig
from searchapp import leases, results
from searchapp.configs import search_config
from searchapp.leases import Claim
from searchapp.models import Candidate, Purpose, Trial
from searchapp.trials import claims
from searchapp.trials.claims import TrialClaim
from searchapp.workers.news import Subject


class Ledger(Protocol):
    """`claim` takes what is next, on the word of a message about `row`.

    The functions that answer yes or no answer whether they wrote: False means that the claim was lost.
    """

    def claim(self, row: int, worker_name: str) -> Any: ...
    def ids(self, claim: Any) -> dict[str, int]: ...  # for the log
    def renew(self, claim: Any) -> bool: ...
    def job(self, claim: Any) -> ChildJob: ...
    def subject(self, claim: Any) -> Subject: ...
    def record(self, claim: Any, result: ChildResult) -> bool: ...
    def fail(self, claim: Any, reason: str) -> bool: ...
    def give_back(self, claim: Any, lost: str = "") -> bool: ...
    def pause(self, claim: Any, reason: str) -> bool: ...


class CandidateLedger:
    def claim(self, row: int, worker_name: str) -> Claim | None:
        return leases.claim_next(candidate_id=row, worker_name=worker_name)

    def ids(self, claim: Claim) -> dict[str, int]:
        return {"candidate": claim.candidate_id}

    def renew(self, claim: Claim) -> bool:
        return leases.renew(claim)

    def job(self, claim: Claim) -> ChildJob:
        candidate = Candidate.objects.select_related("search").get(pk=claim.candidate_id)
        config = search_config(candidate.search)
        key = f"{claim.candidate_id}.{claim.attempt}"
        return ChildJob(key, candidate.text, config.child, config.child_seed(candidate.fingerprint))

    def subject(self, claim: Claim) -> Subject:
        index, text = Candidate.objects.values_list("index", "text").get(pk=claim.candidate_id)
        return Subject(claim.search_id, index, text)

    def record(self, claim: Claim, result: ChildResult) -> bool:
        return results.record_result(candidate_id=claim.candidate_id, attempt=claim.attempt, result=result)

    def fail(self, claim: Claim, reason: str) -> bool:
        return results.fail(candidate_id=claim.candidate_id, attempt=claim.attempt, reason=reason)

    def give_back(self, claim: Claim, lost: str = "") -> bool:
        return results.give_back(candidate_id=claim.candidate_id, attempt=claim.attempt, lost=lost)

    def pause(self, claim: Claim, reason: str) -> bool:
        return results.pause_for(candidate_id=claim.candidate_id, attempt=claim.attempt, reason=reason)


KINDS: dict[Purpose, JobKind] = {
    Purpose.TRANSFER: "transfer",
    Purpose.PATHS: "paths",
}  # all others are children as the search's own are


class TrialLedger:
    def claim(self, row: int, worker_name: str) -> TrialClaim | None:
        return claims.claim_next(trial_id=row, worker_name=worker_name)

    def ids(self, claim: TrialClaim) -> dict[str, int]:
        return {"trial": claim.trial_id}

    def renew(self, claim: TrialClaim) -> bool:
        return claims.renew(claim)

    def job(self, claim: TrialClaim) -> ChildJob:
        trial = Trial.objects.get(pk=claim.trial_id)
        child = ChildConfig.model_validate(trial.child)
        kind: JobKind = KINDS.get(Purpose(trial.purpose), "child")
        return ChildJob(f"trial.{claim.trial_id}.{claim.attempt}", trial.text, child, trial.seed, kind)

    def subject(self, claim: TrialClaim) -> Subject:
        fields = ("search_id", "candidate__index", "text", "purpose")
        return Subject(*Trial.objects.values_list(*fields).get(pk=claim.trial_id))

    def record(self, claim: TrialClaim, result: ChildResult) -> bool:
        return claims.record_result(trial_id=claim.trial_id, attempt=claim.attempt, result=result)

    def fail(self, claim: TrialClaim, reason: str) -> bool:
        return claims.fail(trial_id=claim.trial_id, attempt=claim.attempt, reason=reason)

    def give_back(self, claim: TrialClaim, lost: str = "") -> bool:
        return claims.give_back(trial_id=claim.trial_id, attempt=claim.attempt, lost=lost)

    def pause(self, claim: TrialClaim, reason: str) -> bool:
        return claims.pause_for(trial_id=claim.trial_id, attempt=claim.attempt, reason=reason)


CANDIDATES: Ledger = CandidateLedger()
TRIALS: Ledger = TrialLedger()
