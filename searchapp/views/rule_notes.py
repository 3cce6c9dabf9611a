"""Notes and tags on a rule."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from searchapp.access import own_candidate
from searchapp.markdown import LONGEST_NOTES
from searchapp.markdown import render as markdown
from searchapp.models import Candidate
from searchapp.rules.notes import BadNotes, annotate
from searchapp.tags import BadTags, split_tags


def context(candidate: Candidate) -> dict[str, Any]:
    """What parts/rule_notes.html shows."""
    return {
        "notes": candidate.notes,
        "notes_html": markdown(candidate.notes) if candidate.notes else "",
        "tags_text": ", ".join(candidate.tags),
        "longest_notes": LONGEST_NOTES,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def rule_notes(request: HttpRequest, search_id: int, index: int) -> HttpResponse:
    """The form on a page of its own: it says what was wrong and keeps what was typed; what is right is saved."""
    search, detail = own_candidate(request, search_id, index)
    shown = {"search": search, "candidate": detail.candidate, "rule": detail.rule, **context(detail.candidate)}
    if request.method != "POST":
        return render(request, "searchapp/rule_notes.html", shown)
    notes, tags = request.POST.get("notes", ""), request.POST.get("tags", "")
    try:
        annotate(candidate=detail.candidate, notes=notes, tags=split_tags(tags))
    except BadNotes as error:
        shown |= {"notes": notes, "tags_text": tags, "notes_error": str(error)}
    except BadTags as error:
        shown |= {"notes": notes, "tags_text": tags, "tags_error": str(error)}
    else:
        return redirect(f"{reverse('rule', args=[search_id, index])}#notes")
    return render(request, "searchapp/rule_notes.html", shown, status=422)
