"""Who calls: a program with a token, or a browser with its session. A wrong token never falls back on the session."""

from __future__ import annotations

from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security import HttpBearer, SessionAuth

from searchapp.models import ApiToken
from searchapp.tokens import failures, keeping

WRONG_TOKEN = "This token is not valid: it is mistyped, expired or revoked. Make another one under Account, API tokens."
TOO_OFTEN = "Too many requests with wrong tokens came from this address; wait a minute."


class TokenAuth(HttpBearer):
    """`Authorization: Bearer nos_…`. Browsers never send it by themselves, so it needs no protection from forgery."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken:
        address = request.META.get("REMOTE_ADDR", "")
        found = keeping.find_valid(token.strip())  # first: who shares an address with a guesser has a right token still
        if found is None:
            if failures.has_failed_too_often(address):
                raise HttpError(429, TOO_OFTEN)
            failures.note_failure(address)
            raise HttpError(401, WRONG_TOKEN)
        request.user = found.owner
        return found


class BrowserAuth(SessionAuth):
    """The session of who signed in on the pages; requests that change something need Django's CSRF token."""


# The order counts: a request with a token is judged by its token alone.
AUTHENTICATION = [TokenAuth(), BrowserAuth()]
