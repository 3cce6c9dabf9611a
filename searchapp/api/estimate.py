"""How large a search would be and how long it would take, before it is saved."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from engine.config import SearchConfig
from searchapp import estimates
from searchapp.api.schemas import Errors, Estimate, EstimateRequest
from searchapp.api.searches import queue_named

router = Router(tags=["estimate"])


@router.post("", response={200: Estimate, 422: Errors})
def estimate(request: HttpRequest, body: EstimateRequest) -> Any:
    """How many rules a configuration allows, and how long its search would take; nothing is saved."""
    return estimates.estimate(SearchConfig.model_validate(body.config), queue_named(body.queue))
