"""What is done with a search that is there: extend, train again, archive, delete, label, download its settings."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from searchapp.access import own_search
from searchapp.editing import settings_file
from searchapp.editing.delete import DELETABLE, delete_search
from searchapp.editing.errors import BadEdit, EditNotAllowed
from searchapp.editing.extend import EXTENDABLE, LARGEST, extend_search
from searchapp.editing.labels import label_search
from searchapp.editing.retry import Retried, failed_candidates, failed_trials, retry_failed
from searchapp.markdown import LONGEST_NOTES
from searchapp.markdown import render as render_notes
from searchapp.models import Search
from searchapp.tags import split_tags


def edits(search: Search) -> dict[str, Any]:
    """What the live page offers; the buttons' conditions are the services' own."""
    return {
        "extendable": " ".join(EXTENDABLE),
        "deletable": " ".join(DELETABLE),
        "may_extend": search.status in EXTENDABLE,
        "may_delete": search.status in DELETABLE,
        "next_budget": min(search.budget + max(search.budget // 2, 1), LARGEST),
        "largest_budget": LARGEST,
        "failed": failed_candidates(search).count() + failed_trials(search).count(),
        "notes_html": render_notes(search.notes),
        "tags_text": ", ".join(search.tags),
        "parent": search.parent,
        "longest_notes": LONGEST_NOTES,
    }


@require_POST
@login_required
def extend(request: HttpRequest, search_id: int) -> HttpResponse:
    search = own_search(request, search_id)
    typed = request.POST.get("budget", "").replace(",", "").replace("\N{NO-BREAK SPACE}", "").strip()
    try:
        if not typed.isascii() or not typed.isdigit() or len(typed) > 9:
            raise BadEdit("budget", "A budget is a whole number of candidates.")
        before = search.budget
        extend_search(search=search, budget=int(typed))
    except (BadEdit, EditNotAllowed) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"The budget is {int(typed):,} candidates now, {int(typed) - before:,} more.")
    return redirect("search-live", search.pk)


@require_POST
@login_required
def retry(request: HttpRequest, search_id: int) -> HttpResponse:
    search = own_search(request, search_id)
    try:
        messages.success(request, retried_sentence(retry_failed(search=search)))
    except EditNotAllowed as error:
        messages.error(request, str(error))
    return redirect("search-live", search.pk)


def retried_sentence(retried: Retried) -> str:
    parts = []
    if retried.candidates:
        parts.append(f"{retried.candidates} candidate{'s' if retried.candidates > 1 else ''}")
    if retried.trials:
        parts.append(f"{retried.trials} trial{'s' if retried.trials > 1 else ''}")
    sentence = f"Queued again: {' and '.join(parts)}."
    if retried.unobserved:
        sentence += (
            f" The controller has observed the round{'s' if retried.unobserved > 1 else ''} of {retried.unobserved}"
            " without them: their rewards count for the leaderboard only."
        )
    return sentence


@require_POST
@login_required
def archive(request: HttpRequest, search_id: int) -> HttpResponse:
    return _archive(request, search_id, archived=True)


@require_POST
@login_required
def unarchive(request: HttpRequest, search_id: int) -> HttpResponse:
    return _archive(request, search_id, archived=False)


def _archive(request: HttpRequest, search_id: int, archived: bool) -> HttpResponse:
    search = label_search(search=own_search(request, search_id), archived=archived)
    where = "is archived: the list hides it unless it is asked for" if archived else "is back in the list"
    messages.success(request, f"“{search.name}” {where}.")
    return redirect("search-live", search.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def delete(request: HttpRequest, search_id: int) -> HttpResponse:
    """Ask first, with what would be lost; then delete."""
    search = own_search(request, search_id)
    if request.method == "POST":
        try:
            delete_search(search=search)
        except EditNotAllowed as error:
            messages.error(request, str(error))
            return redirect("search-live", search.pk)
        messages.success(request, f"“{search.name}” was deleted.")
        return redirect("search-list")
    context = {
        "search": search,
        "may_delete": search.status in DELETABLE,
        "candidates": search.candidates.count(),
        "trials": search.trials.count(),
        "clones": search.clones.count(),
    }
    return render(request, "searchapp/search_delete.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def labels(request: HttpRequest, search_id: int) -> HttpResponse:
    """Name, tags and notes. What is wrong is told here, with everything as it was typed."""
    search = own_search(request, search_id)
    typed = {"name": search.name, "tags": ", ".join(search.tags), "notes": search.notes}
    wrong: BadEdit | None = None
    if request.method == "POST":
        typed = {name: request.POST.get(name, before) for name, before in typed.items()}
        try:
            label_search(search=search, name=typed["name"], tags=split_tags(typed["tags"]), notes=typed["notes"])
            messages.success(request, "Name, tags and notes were saved.")
            return redirect("search-live", search.pk)
        except BadEdit as error:
            wrong = error
    context = {"search": search, "typed": typed, "wrong": wrong, "longest_notes": LONGEST_NOTES}
    return render(request, "searchapp/search_labels.html", context)


@require_safe
@login_required
def settings_json(request: HttpRequest, search_id: int) -> HttpResponse:
    """The settings as a file that the new-search page and `manage.py search run --config` read."""
    search = own_search(request, search_id)
    response = HttpResponse(settings_file.write_settings(search.config), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{settings_file.file_name(search)}"'
    return response
