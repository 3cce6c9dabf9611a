"""Primitive sets: the list, a set explained, its versions, and the page where one is composed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engine.config import PrimitivesConfig
from searchapp import selectors
from searchapp.access import person
from searchapp.models import PrimitiveSet
from searchapp.names import BadName
from searchapp.sets import composer, reading, versions
from searchapp.sets.draft import ADD, Draft, sizes

NAME_ERRORS = (BadName, versions.SetNameTaken)


def _visible_set(request: HttpRequest, set_id: int) -> PrimitiveSet:
    return get_object_or_404(selectors.primitive_sets_for(request.user), pk=set_id)


def _own_set(request: HttpRequest, set_id: int) -> PrimitiveSet:
    """Built-in sets cannot be written: for these addresses they are not there."""
    return get_object_or_404(PrimitiveSet, pk=set_id, owner=person(request))


@require_safe
@login_required
def set_list(request: HttpRequest) -> HttpResponse:
    return render(request, "searchapp/set_list.html", {"sets": reading.overview(request.user)})


@require_safe
@login_required
def set_detail(request: HttpRequest, set_id: int) -> HttpResponse:
    """The set as it is now, or, with `?version=`, as it was."""
    row = _visible_set(request, set_id)
    shown = reading.version_shown(row, request.GET.get("version", ""))
    return render(request, "searchapp/set_detail.html", reading.detail(row, shown))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def set_new(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        draft, tokens = _posted(request.POST)
        if tokens is not None:
            try:
                made = versions.create_set(owner=person(request), name=draft.name, tokens=tokens)
            except NAME_ERRORS as error:
                draft.errors["name"] = str(error)
            else:
                messages.success(request, f"“{made.name}” is saved. Searches can use it from now on.")
                return redirect("primitive-set", made.pk)
    else:
        draft = _start(request)
    starts = selectors.primitive_sets_for(request.user)
    return render(request, "searchapp/set_compose.html", {**_composed(draft), "starts": starts})


def _start(request: HttpRequest) -> Draft:
    """`?from=` a set that this person may see, or nothing: an empty draft."""
    wanted = request.GET.get("from", "")
    row = selectors.primitive_sets_for(request.user).filter(pk=wanted).first() if wanted.isdecimal() else None
    return Draft() if row is None else Draft.of_set(row, f"{row.name}, changed")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def set_edit(request: HttpRequest, set_id: int) -> HttpResponse:
    row = _own_set(request, set_id)
    if request.method == "POST":
        draft, tokens = _posted(request.POST)
        draft.name = row.name
        if tokens is not None:
            number = versions.save_version(primitive_set=row, tokens=tokens)
            done = (
                f"Version {number} of “{row.name}” is saved."
                if number
                else "Nothing was changed, so nothing was saved."
            )
            messages.success(request, done)
            return redirect("primitive-set", row.pk)
    else:
        draft = Draft.of_set(row, row.name)
    return render(request, "searchapp/set_compose.html", {**_composed(draft), "set": row})


def _posted(data: QueryDict) -> tuple[Draft, PrimitivesConfig | None]:
    """The draft and, where it is to be saved and can be, its tokens."""
    draft = Draft.of_form(data)
    if ADD in data:
        draft.add(data)
        return draft, None
    tokens = draft.checked()
    return draft, None if draft.errors else tokens


def _composed(draft: Draft) -> dict[str, Any]:
    """What the template places; the sizes only once they can be told."""
    told = dict(draft.errors)
    tokens = draft.checked()
    draft.errors = told
    return {
        "draft": draft,
        "sections": composer.sections(draft),
        "composed_help": composer.COMPOSED_HELP,
        "sizes": sizes(tokens) if tokens else [],
    }


@require_POST
@login_required
def set_size(request: HttpRequest) -> JsonResponse:
    """The size of the space for the tokens as they are chosen, or why there is none: both are answers."""
    draft = Draft.of_form(request.POST)
    tokens = draft.checked()
    if tokens is None or draft.errors:
        return JsonResponse({"error": draft.errors["set"]})
    return JsonResponse({"sizes": [text for _, text in sizes(tokens)], "counts": reading.counts(tokens)})


@require_POST
@login_required
def set_rename(request: HttpRequest, set_id: int) -> HttpResponse:
    row = _own_set(request, set_id)
    try:
        renamed = versions.rename_set(primitive_set=row, name=request.POST.get("name", "")[:100])
    except NAME_ERRORS as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"The set is called “{renamed.name}” now.")
    return redirect("primitive-set", row.pk)


@require_POST
@login_required
def set_restore(request: HttpRequest, set_id: int, number: int) -> HttpResponse:
    row = _own_set(request, set_id)
    version = get_object_or_404(row.versions, number=number)
    made = versions.restore_version(primitive_set=row, version=version)
    if made:
        messages.success(request, f"Version {number} is back, as version {made}.")
    else:
        messages.info(request, f"Version {number} is what the set is already.")
    return redirect("primitive-set", row.pk)


@require_POST
@login_required
def set_delete(request: HttpRequest, set_id: int) -> HttpResponse:
    row = _own_set(request, set_id)
    name = row.name
    versions.delete_set(primitive_set=row)
    messages.success(request, f"“{name}” is deleted. Searches that used it keep its tokens.")
    return redirect("primitive-set-list")
