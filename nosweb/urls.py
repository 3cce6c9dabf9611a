"""Which address leads where; the application's own pages are in searchapp.urls."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from nosweb.health import healthz

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("admin/", admin.site.urls),
    path("accounts/", include("django.contrib.auth.urls")),
]
if find_spec("searchapp.api"):
    from searchapp.api import api

    urlpatterns.append(path("api/", api.urls))
if find_spec("searchapp.urls"):
    urlpatterns.append(path("", include("searchapp.urls")))
