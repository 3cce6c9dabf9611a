"""Every way a request can be wrong, as one shape of answer: a sentence, or sentences by field."""

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import RawPostDataException
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError
from ninja.errors import ValidationError as RequestError
from pydantic import ValidationError

from searchapp.models import StatusChangeNotAllowed
from searchapp.names import BadName
from searchapp.services import NotJudgedYet

NOT_SIGNED_IN = "Sign in first, or send a token in the header “Authorization: Bearer …”."
ENVELOPE = 2  # ninja's paths begin with "body" and the parameter's name


class FieldError(Exception):
    """One wrong field that neither the engine nor the request's schema can know about."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def install(api: NinjaAPI) -> None:
    @api.exception_handler(ValidationError)
    def wrong_config(request: HttpRequest, error: ValidationError) -> HttpResponse:
        return api.create_response(request, {"errors": by_field(error.errors())}, status=422)

    @api.exception_handler(RequestError)
    def wrong_request(request: HttpRequest, error: RequestError) -> HttpResponse:
        return api.create_response(request, {"errors": by_field(error.errors, skip=ENVELOPE)}, status=422)

    @api.exception_handler(FieldError)
    def wrong_field(request: HttpRequest, error: FieldError) -> HttpResponse:
        return api.create_response(request, {"errors": {error.field: [str(error)]}}, status=422)

    @api.exception_handler(BadName)
    def wrong_name(request: HttpRequest, error: BadName) -> HttpResponse:
        return api.create_response(request, {"errors": {"name": [str(error)]}}, status=422)

    @api.exception_handler(StatusChangeNotAllowed)
    @api.exception_handler(NotJudgedYet)
    def not_now(request: HttpRequest, error: Exception) -> HttpResponse:
        return api.create_response(request, {"message": str(error)}, status=409)

    @api.exception_handler(Http404)
    def not_found(request: HttpRequest, error: Http404) -> HttpResponse:
        return api.create_response(request, {"message": str(error) or "There is nothing here."}, status=404)

    @api.exception_handler(RawPostDataException)
    def no_json(request: HttpRequest, error: RawPostDataException) -> HttpResponse:
        return api.create_response(request, {"message": "The body must be JSON."}, status=415)

    @api.exception_handler(HttpError)
    def refused(request: HttpRequest, error: HttpError) -> HttpResponse:
        return api.create_response(request, {"message": str(error)}, status=error.status_code)

    @api.exception_handler(AuthenticationError)
    def not_signed_in(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        return api.create_response(request, {"message": NOT_SIGNED_IN}, status=401)


def by_field(errors: Iterable[Any], skip: int = 0) -> dict[str, list[str]]:
    """pydantic's list of errors as {path: [sentence, ...]}; what concerns no single field stands under `__all__`."""
    found: dict[str, list[str]] = {}
    for error in errors:
        envelope = 1 if skip and error["loc"][0] in ("query", "path") else skip  # those have no parameter around them
        path = ".".join(str(part) for part in error["loc"][envelope:]) or "__all__"
        sentence = error["msg"].removeprefix("Value error, ").rstrip(".") + "."
        found.setdefault(path, []).append(sentence)
    return found
