"""Which address leads where; the application's own pages are in searchapp.urls."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from nosweb.health import healthz, readyz
from nosweb.metrics import metrics
from searchapp.api import api

handler404 = "nosweb.errors.not_found"
urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("admin/", admin.site.urls),
    path("accounts/", include("django.contrib.auth.urls")),
    path("api/", api.urls),
    path("", include("searchapp.urls")),
]
