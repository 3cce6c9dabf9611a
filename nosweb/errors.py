"""The answer to an address that leads nowhere: a page for people, JSON for programs that call the API."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.defaults import page_not_found


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse({"message": "The API has no such address."}, status=404)
    return page_not_found(request, exception)
