"""/metrics: closed to the public. Open to this machine itself, and to whoever sends METRICS_TOKEN."""

import secrets
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from searchapp.metrics import exposition

CLOSED = "Metrics are for this machine itself and for who sends “Authorization: Bearer <METRICS_TOKEN>”.\n"
# A proxy on this machine asks from this machine's address for anybody; what it adds to the request gives it away.
FORWARDED = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via")


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format; 403 for everybody else."""
    if not (_has_token(request) or _is_local(request)):
        return HttpResponse(CLOSED, status=403, content_type="text/plain; charset=utf-8")
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)


def _has_token(request: HttpRequest) -> bool:
    sent = request.headers.get("Authorization", "")
    wanted = f"Bearer {settings.METRICS_TOKEN}"
    return bool(settings.METRICS_TOKEN) and secrets.compare_digest(sent.encode(), wanted.encode())


def _is_local(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN or any(name in request.headers for name in FORWARDED):
        return False  # where there is a token, a proxy on this machine that sets no header opens nothing
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
