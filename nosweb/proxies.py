"""Where a request comes from, as uvicorn says.

uvicorn takes the address that X-Forwarded-For names only from the proxies in FORWARDED_ALLOW_IPS; nothing else in the
application reads such a header, or anybody could write down an address of his own choice.
"""

from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """The address that the sign-in's lock counts by; None over a unix socket."""
    return request.META.get("REMOTE_ADDR") or None
