"""The HTTP API under /api/: for the pages, and for scripts that sign in with a session. Protected against forgery."""

from ninja import NinjaAPI
from ninja.security import django_auth

from searchapp.api import errors, estimate, searches, trials

# The interactive documentation would need scripts that the content security policy refuses: openapi.json is enough.
api = NinjaAPI(title="Optimizer search", version="1", auth=django_auth, docs_url=None, urls_namespace="api")
errors.install(api)
api.add_router("/searches", trials.router)
api.add_router("/searches", searches.router)
api.add_router("/estimate", estimate.router)

__all__ = ["api"]
