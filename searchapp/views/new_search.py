"""A new search: the form, and the estimate that follows what is chosen."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from searchapp import estimates, services
from searchapp.access import person
from searchapp.forms import NewSearchForm
from searchapp.forms.layout import context
from searchapp.forms.primitives import KINDS, OWN_CHOICE
from searchapp.models import Search


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def search_new(request: HttpRequest) -> HttpResponse:
    form = NewSearchForm(request.POST if request.method == "POST" else None, user=person(request))
    if form.is_bound and form.is_valid():
        search = _create(request, form)
        messages.success(request, f"“{search.name}” was {'started' if search.status == 'running' else 'created'}.")
        return redirect("search-live", search.pk)
    return render(request, "searchapp/search_new.html", _with_estimate(form))


def _create(request: HttpRequest, form: NewSearchForm) -> Search:
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
    )


def _with_estimate(form: NewSearchForm) -> dict[str, object]:
    """The page shows the estimate of its defaults at once, so that it is there without a script too."""
    shown = context(form)
    if not form.is_bound:
        initial = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
        defaults = NewSearchForm({**initial, "name": "defaults"}, user=form.user)
        if defaults.is_valid() and defaults.config is not None:
            shown["estimate"] = estimates.estimate(defaults.config)
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
