"""The live page, its fragments, and its buttons."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from engine.registry import CONTROLLERS, DATASETS, NETWORKS, Registry
from searchapp import selectors, services
from searchapp.access import own_search
from searchapp.models import Search, StatusChangeNotAllowed
from searchapp.rules.bests import bests
from searchapp.views import board, search_edits, sentences

ROWS = (20, 100, 500)
LOG_ROWS = 50
NOTHING_TO_CONFIRM = "There is nothing left to confirm: the best rules have their fresh seeds, or no rule was trained."
DONE = {"start": "started", "pause": "paused", "resume": "resumed", "stop": "stopped"}


@require_safe
@login_required
def search_live(request: HttpRequest, search_id: int) -> HttpResponse:
    search = own_search(request, search_id)
    summary = selectors.summary(search)
    context = {
        "search": search,
        "summary": summary,
        "note": sentences.note(summary),
        "took": _took(search),
        "actions": services.ACTIONS,
        "allowed": selectors.allowed_actions(search),
        "may_confirm": search.is_over and not search.best_confirmed and not summary["trials_waiting"],
        "facts": _facts(search),
        "script_data": _script_data(search),
        **_leaderboard(request, search),
        "bests": bests(search, LOG_ROWS),
        **search_edits.edits(search),
    }
    return render(request, "searchapp/search_live.html", context)


def _script_data(search: Search) -> dict[str, Any]:
    return {
        "name": search.name,
        "socket": f"/ws/searches/{search.pk}/",
        "snapshot": f"/api/searches/{search.pk}/snapshot",
        "act": f"/api/searches/{search.pk}/",
        "rules": reverse("rule", args=[search.pk, 0]).removesuffix("0/"),
        "sentences": sentences.SENTENCES,
        "reasoned": sentences.REASONED,
        "tones": sentences.TONES,
        "actions": sentences.actions_by_status(),
    }


def _took(search: Search) -> float | None:
    """Seconds from start to end; None before the end."""
    if search.started_at is None or search.finished_at is None:
        return None
    return (search.finished_at - search.started_at).total_seconds()


def _facts(search: Search) -> list[tuple[str, str]]:
    """What is searched, in a few words."""
    child, controller = search.config["child"], search.config["controller"]
    return [
        ("Data set", _title(DATASETS, child["dataset"])),
        ("Network", _title(NETWORKS, child["network"])),
        ("Controller", _title(CONTROLLERS, controller["name"])),
        ("Groups per rule", str(search.config["groups"])),
        ("Epochs", str(child["protocol"]["epochs"])),
        (
            "Judged on",
            f"{selectors.judged_examples(search):,} validation examples, {sentences.seeds_text(child['protocol'])}",
        ),
        ("Confirmed", _confirmation(search.config.get("confirmation", {}))),
        ("Rounds", f"{search.config['round_size']} candidates, {search.config['rounds_in_flight']} in flight"),
        ("Seed", str(search.seed)),
        ("Queue", search.queue.name),
    ]


def _confirmation(settings: dict[str, Any]) -> str:
    top, seeds = settings.get("top", 0), settings.get("seeds", 0)
    return f"the best {top} with {seeds} fresh seeds" if top else "on demand"


def _title(rows: Registry, name: str) -> str:
    return rows[name].title if name in rows else name


def _leaderboard(request: HttpRequest, search: Search) -> dict[str, Any]:
    wanted = request.GET.get("rows", "")
    limit = int(wanted) if wanted in map(str, ROWS) else ROWS[0]
    return {"groups": board.groups(search, limit), "limit": limit, "limits": ROWS}


@require_safe
@login_required
def leaderboard_fragment(request: HttpRequest, search_id: int) -> HttpResponse:
    """The leaderboard and the log of bests as HTML, for the live page to put in its place."""
    search = own_search(request, search_id)
    context = {"search": search, **_leaderboard(request, search), "bests": bests(search, LOG_ROWS)}
    return render(request, "searchapp/parts/results.html", context)


@require_POST
@login_required
def confirm_best(request: HttpRequest, search_id: int) -> HttpResponse:
    """Train the best rules again with fresh seeds, also in a search that was stopped early."""
    search = own_search(request, search_id)
    count = services.confirm_best(search=search)
    if count:
        messages.success(request, f"The best rules are trained again with fresh seeds: {count} trainings.")
    else:
        messages.info(request, NOTHING_TO_CONFIRM)
    return redirect("search-live", search.pk)


@require_POST
@login_required
def search_action(request: HttpRequest, search_id: int, action: str) -> HttpResponse:
    """Start, pause, resume or stop, then back to the page with a sentence."""
    search = own_search(request, search_id)
    if action not in services.ACTIONS:
        raise Http404("There is no such action.")
    try:
        services.ACTIONS[action](search=search)
    except StatusChangeNotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"“{search.name}” was {DONE[action]}.")
    return redirect("search-live", search.pk)
