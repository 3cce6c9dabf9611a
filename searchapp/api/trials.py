"""Trials over HTTP: baselines, confirmations, transfers and ways over test functions."""

from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router, Status
from pydantic import ValidationError

from engine.config import ChildConfig
from engine.errors import UnknownName
from engine.evaluation.transfers import transfer
from searchapp import selectors, services
from searchapp.access import own_search
from searchapp.api.errors import FieldError
from searchapp.api.schemas import Baseline, ConfirmRequest, Errors, Message, TransferRequest, Trials
from searchapp.models import Candidate
from searchapp.trials import report, standing

router = Router(tags=["trials"])
ANSWERS: dict[int, Any] = {404: Message, 409: Message, 422: Errors}


def _candidate(request: HttpRequest, search_id: int, index: int) -> Candidate:
    """The candidate, or the first one of its rule when it is a duplicate."""
    detail = selectors.candidate_detail(own_search(request, search_id), index)
    if detail is None:
        raise Http404("The search has no such candidate.")
    return detail.trained


def _trials(candidate: Candidate) -> dict[str, Any]:
    return {
        "confirmation": report.confirmation(candidate),
        "transfers": report.transfers(candidate),
        "paths": report.paths(candidate),
    }


@router.get("/{int:search_id}/baselines", response={200: list[Baseline], 404: Message})
def get_baselines(request: HttpRequest, search_id: int) -> Any:
    """Mean, standard deviation and n over fresh seeds, under the search's own protocol; the best first."""
    return standing.baselines(own_search(request, search_id))


@router.get("/{int:search_id}/candidates/{int:index}/trials", response={200: Trials, 404: Message})
def get_trials(request: HttpRequest, search_id: int, index: int) -> Any:
    """What was asked about a rule besides its reward: confirmation, transfers, ways over test functions."""
    return _trials(_candidate(request, search_id, index))


@router.post("/{int:search_id}/candidates/{int:index}/confirm", response={202: Trials, **ANSWERS})
def confirm(request: HttpRequest, search_id: int, index: int, body: ConfirmRequest) -> Any:
    """Train the rule with the fresh seeds 0 to seeds − 1; those it has already are kept."""
    candidate = _candidate(request, search_id, index)
    services.confirm_rule(candidate=candidate, seeds=body.seeds)
    return Status(202, _trials(candidate))


@router.post("/{int:search_id}/candidates/{int:index}/transfer", response={202: Trials, **ANSWERS})
def start_transfer(request: HttpRequest, search_id: int, index: int, body: TransferRequest) -> Any:
    """Train the rule and the baselines on another network or data set."""
    candidate = _candidate(request, search_id, index)
    title, child = _where(body)
    services.transfer_rule(candidate=candidate, title=title, child=child, number=body.number)
    return Status(202, _trials(candidate))


def _where(body: TransferRequest) -> tuple[str, ChildConfig]:
    if (body.to is None) == (body.child is None):
        raise FieldError("to", "Give either “to”, the name of a transfer, or “child”, a configuration.")
    if body.to is not None:
        try:
            row = transfer(body.to)
        except UnknownName as error:
            raise FieldError("to", str(error)) from None
        return row.title, row.child()
    try:
        child = ChildConfig.model_validate(body.child)
    except ValidationError as error:
        first = error.errors()[0]
        raise FieldError(".".join(map(str, ("child", *first["loc"]))), f"{first['msg']}.") from None
    return f"{child.network} on {child.dataset}", child


@router.post("/{int:search_id}/candidates/{int:index}/paths", response={202: Trials, **ANSWERS})
def draw_paths(request: HttpRequest, search_id: int, index: int) -> Any:
    """Have the rule's ways over the 2-D test functions computed."""
    candidate = _candidate(request, search_id, index)
    services.draw_paths(candidate=candidate)
    return Status(202, _trials(candidate))
