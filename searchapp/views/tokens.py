"""A person's API tokens: made, shown once, revoked."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from searchapp.access import person
from searchapp.names import BadName
from searchapp.tokens import keeping

FOR_EVER = ""


class TokenForm(forms.Form):
    name = forms.CharField(max_length=100, help_text="What it is for, so that you know it again.")
    days = forms.ChoiceField(
        label="Valid for",
        required=False,
        choices=[*((str(days), f"{days} days") for days in keeping.DAYS), (FOR_EVER, "until it is revoked")],
        initial=str(keeping.DAYS[1]),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def token_list(request: HttpRequest) -> HttpResponse:
    """The list; a POST makes a token, whose text this one answer shows and no other ever will."""
    form = TokenForm(request.POST if request.method == "POST" else None)
    made = _create(request, form) if form.is_bound and form.is_valid() else None
    context = {
        "form": TokenForm() if made else form,
        "made": made,
        "tokens": keeping.tokens_of(person(request)),
        "now": timezone.now(),
    }
    return render(request, "searchapp/tokens.html", context)


def _create(request: HttpRequest, form: TokenForm) -> keeping.NewToken | None:
    days = form.cleaned_data["days"]
    try:
        return keeping.create_token(
            owner=person(request), name=form.cleaned_data["name"], days=int(days) if days else None
        )
    except (BadName, keeping.TooManyTokens) as error:
        form.add_error("name", str(error))
        return None


@require_POST
@login_required
def token_revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    token = get_object_or_404(keeping.tokens_of(person(request)), pk=token_id)
    keeping.revoke_token(token=token)
    messages.success(request, f"“{token.name}” opens nothing any more.")
    return redirect("token-list")
