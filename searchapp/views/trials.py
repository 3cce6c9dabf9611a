"""What a rule's page asks for after the search: fresh seeds, a transfer, ways over test functions."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engine.evaluation.surfaces import SURFACES, grid
from engine.evaluation.transfers import TRANSFERS
from engine.registry import NETWORKS
from searchapp import services
from searchapp.access import own_candidate
from searchapp.forms.layout import Choice, choice, dataset_choice
from searchapp.forms.texts import to_text
from searchapp.forms.transfer import NUMBERS, TransferForm
from searchapp.models import Candidate, Search
from searchapp.trials import report

MOST_SEEDS = 100


class ConfirmForm(forms.Form):
    seeds = forms.IntegerField(
        min_value=1,
        max_value=MOST_SEEDS,
        error_messages={"invalid": "The number of seeds is a whole number.", "required": "Say how many seeds."},
    )


def context(search: Search, candidate: Candidate) -> dict[str, Any]:
    """What parts/trials.html shows; also what the page asks for again while something waits."""
    confirmation, transfers, paths = (
        report.confirmation(candidate),
        report.transfers(candidate),
        report.paths(candidate),
    )
    waiting = confirmation["waiting"] + sum(row["waiting"] for row in transfers) + paths["waiting"]
    settings = search.config.get("confirmation", {})
    return {
        "confirmation": confirmation,
        "transfers": transfers,
        "paths": paths,
        "waiting": waiting,
        "surfaces": SURFACES.values(),
        "paths_data": {"ways": paths["ways"], "surfaces": _heights()} if paths["ways"] else None,
        "seeds": max(settings.get("seeds", 3), len(confirmation["trainings"])),
        "may_try": candidate.status == "finished",
    }


@cache
def _heights() -> dict[str, Any]:
    """What the contours are drawn from; the same for every rule."""
    return {name: grid(name) for name in SURFACES}


@require_safe
@login_required
def trials_fragment(request: HttpRequest, search_id: int, index: int) -> HttpResponse:
    search, detail = own_candidate(request, search_id, index)
    shown = {"search": search, "candidate": detail.trained, **context(search, detail.trained)}
    return render(request, "searchapp/parts/trials.html", shown)


@require_POST
@login_required
def confirm(request: HttpRequest, search_id: int, index: int) -> HttpResponse:
    search, detail = own_candidate(request, search_id, index)
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        for error in form.errors["seeds"]:
            messages.error(request, str(error))
        return _back(search, index)
    return _try(
        request,
        search,
        index,
        lambda: services.confirm_rule(candidate=detail.trained, seeds=form.cleaned_data["seeds"]),
    )


@require_POST
@login_required
def draw_paths(request: HttpRequest, search_id: int, index: int) -> HttpResponse:
    search, detail = own_candidate(request, search_id, index)
    return _try(request, search, index, lambda: services.draw_paths(candidate=detail.trained))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def transfer(request: HttpRequest, search_id: int, index: int) -> HttpResponse:
    """The form of a transfer; when it is right, the transfer starts."""
    search, detail = own_candidate(request, search_id, index)
    form = TransferForm(request.POST if request.method == "POST" else None)
    child = form.child if form.is_bound and form.is_valid() else None
    if child is None:
        shown = {"search": search, "candidate": detail.candidate, "rule": detail.rule, **_form_context(form)}
        return render(request, "searchapp/transfer.html", shown)
    number = form.cleaned_data["number"] or 0
    return _try(
        request,
        search,
        index,
        lambda: services.transfer_rule(candidate=detail.trained, title=form.title, child=child, number=number),
    )


def _form_context(form: TransferForm) -> dict[str, Any]:
    presets = {
        row.name: {f"protocol__{name}": to_text(getattr(row.child().protocol, name)) for name in NUMBERS}
        for row in TRANSFERS.values()
    }
    return {
        "form": form,
        "to": Choice(form["to"], {row.name: row.summary for row in TRANSFERS.values()}),
        "dataset": dataset_choice(form),
        "network": choice(form, "network", NETWORKS, form.networks),
        "protocol_fields": [form[name] for name in map(form.protocols.name, form.protocols.names)],
        "script_data": {"presets": presets},
        "bad_fields": [form[name] for name in form.errors if name in form.fields],
    }


def _try(request: HttpRequest, search: Search, index: int, start: Callable[[], object]) -> HttpResponse:
    try:
        start()
    except services.NotJudgedYet as error:
        messages.error(request, str(error))
    return _back(search, index)


def _back(search: Search, index: int) -> HttpResponse:
    return redirect(f"{reverse('rule', args=[search.pk, index])}#trials")
