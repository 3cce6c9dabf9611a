"""A new search: the form, and the estimate that follows what is chosen."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST
from pydantic import ValidationError

from searchapp import estimates, selectors, services
from searchapp.access import own_search, person
from searchapp.configs import search_config
from searchapp.editing.clone import copy_name
from searchapp.editing.labels import LONGEST_NAME
from searchapp.editing.settings_file import LARGEST_FILE, BadSettingsFile, read_settings
from searchapp.forms import NewSearchForm
from searchapp.forms.layout import context
from searchapp.forms.prefill import prefilled
from searchapp.forms.primitives import KINDS, OWN_CHOICE
from searchapp.models import Search
from searchapp.rules.start import start_rule


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def search_new(request: HttpRequest) -> HttpResponse:
    """The form: empty, or filled in with the settings of the search that `?from=` names, the new one's parent.

    `?set=` chooses a primitive set.
    """
    parent = _parent(request)
    if request.method == "POST":
        form = NewSearchForm(request.POST, user=person(request))
    else:
        form = _clone(request, parent) if parent else NewSearchForm(user=person(request))
        if any(str(row.pk) == request.GET.get("set") for row in form.sets):
            form.initial["primitive_set"] = request.GET["set"]
    if form.is_bound and form.is_valid():
        search = _create(request, form, parent)
        messages.success(request, f"“{search.name}” was {'started' if search.status == 'running' else 'created'}.")
        return redirect("search-live", search.pk)
    return render(request, "searchapp/search_new.html", {**_with_estimate(form), "parent": parent})


def _parent(request: HttpRequest) -> Search | None:
    wanted = request.GET.get("from", "")
    if not wanted:
        return None
    if not wanted.isascii() or not wanted.isdigit() or len(wanted) > 18:
        raise Http404("There is no such search.")
    if request.method == "POST":  # what was typed outlives a parent that was deleted meanwhile
        return selectors.find_search(request.user, int(wanted))
    return own_search(request, int(wanted))


def _clone(request: HttpRequest, parent: Search) -> NewSearchForm:
    try:
        config = search_config(parent)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        messages.error(request, f"The settings of “{parent.name}” are an older version’s: {where}: {first['msg']}.")
        return NewSearchForm(user=person(request))
    form = prefilled(config, user=person(request), name=copy_name(parent.name), queue=parent.queue.name)
    start = start_rule(parent, request.GET.get("start", ""))
    if start:  # a rule's page: “Start a search from this rule”
        form.initial["start_rules"] = start
    return form


@require_POST
@login_required
def search_import(request: HttpRequest) -> HttpResponse:
    """The form, filled in with the settings of an uploaded file. Nothing is saved yet."""
    upload = request.FILES.get("settings")
    try:
        if upload is None:
            raise BadSettingsFile("Choose a file first.")
        config = read_settings(upload.read(LARGEST_FILE + 1))
    except BadSettingsFile as error:
        form, sentences = NewSearchForm(user=person(request)), error.sentences
        context = {**_with_estimate(form), "import_errors": sentences}
        return render(request, "searchapp/search_new.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    form = prefilled(config, user=person(request), name=Path(upload.name or "").stem[:LONGEST_NAME])
    return render(request, "searchapp/search_new.html", {**_with_estimate(form), "imported": upload.name})


def _create(request: HttpRequest, form: NewSearchForm, parent: Search | None) -> Search:
    owner = person(request)
    assert form.config is not None  # is_valid said so
    tokens = form.config.primitives
    if form.cleaned_data["save_set_as"] and form.cleaned_data["primitive_set"] == OWN_CHOICE:
        kept = {kind: list(getattr(tokens, kind)) for kind in KINDS}
        services.save_primitive_set(owner=owner, name=form.cleaned_data["save_set_as"], **kept)
    return services.create_search(
        owner=owner,
        name=form.cleaned_data["name"],
        config=form.config,
        queue=form.queue,
        start=request.POST.get("then") != "create",
        parent=parent,
    )


def _with_estimate(form: NewSearchForm) -> dict[str, object]:
    """The page shows the estimate of its defaults at once, so that it is there without a script too."""
    shown: dict[str, object] = {**context(form), "longest_file": LARGEST_FILE // 1024}
    if not form.is_bound:
        initial = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
        defaults = NewSearchForm({**initial, "name": "defaults"}, user=form.user)
        if defaults.is_valid() and defaults.config is not None:
            shown["estimate"] = estimates.estimate(defaults.config, defaults.queue)
    return shown


@require_POST
@login_required
def search_estimate(request: HttpRequest) -> JsonResponse:
    """The size of the space and the time for the form as it is typed, or the errors by field: both are answers."""
    form = NewSearchForm(request.POST, user=person(request))
    form.fields["name"].required = False
    if not form.is_valid() or form.config is None:
        return JsonResponse({"errors": form.errors})
    found = estimates.estimate(form.config, form.queue)
    return JsonResponse({key: found[key] for key in ("size_text", "seconds_text", "basis")})
