"""The documentation inside the application: one template a page; the tables in them come from the registries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from searchapp.docs.reference import context_of


@dataclass(frozen=True, slots=True)
class Page:
    slug: str
    title: str
    summary: str

    @property
    def template(self) -> str:
        return f"docs/{self.slug.replace('-', '_')}.html"


PAGES = {
    page.slug: page
    for page in (
        Page("method", "The method", "How a search works: rules, controller, children, rewards, rounds."),
        Page("primitives", "Rules and primitives", "The language that rules are written in, and every word of it."),
        Page("protocol", "Children and protocol", "What is trained with each rule, and how it is judged."),
        Page("controllers", "Controllers and settings", "Who writes the rules, and every setting of a search."),
        Page("charts", "How to read the charts", "The live page and a rule’s page, card by card."),
        Page("confirmation", "Confirmation and statistics", "Why a reward flatters, and what fresh seeds tell."),
        Page("transfer", "Transfer", "Whether a rule is any good on another network or data set."),
        Page("optimizer-file", "The optimizer file", "How to use a rule in a training of one’s own."),
        Page("api", "API and terminal", "Searches from programs: tokens, addresses, the remote commands."),
        Page("operations", "Operations", "Install, upgrade, back up, watch, and recover an installation."),
        Page("shortcuts", "Keyboard shortcuts", "Every key of every page."),
    )
}


@require_safe
@login_required
def docs_index(request: HttpRequest) -> HttpResponse:
    return render(request, "docs/index.html", {"pages": PAGES.values()})


@require_safe
@login_required
def docs_page(request: HttpRequest, slug: str) -> HttpResponse:
    page = PAGES.get(slug)
    if page is None:
        raise Http404("There is no such page of the documentation.")
    return render(request, page.template, {"page": page, "pages": PAGES.values(), **_context(slug)})


def _context(slug: str) -> dict[str, Any]:
    return context_of(slug)
