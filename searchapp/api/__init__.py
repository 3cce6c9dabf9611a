"""The HTTP API under /api/: for the pages with their session, for programs with a token."""

from searchapp.api import errors, estimate, events, optimizer_file, rule_texts, search_edits, searches, trials
from searchapp.api.authentication import AUTHENTICATION
from searchapp.api.description import DescribedAPI

# The interactive documentation would need scripts that the content security policy refuses: openapi.json is enough.
api = DescribedAPI(auth=AUTHENTICATION, docs_url=None, urls_namespace="api")
errors.install(api)
api.add_router("/searches", trials.router)
api.add_router("/searches", events.router)
api.add_router("/searches", optimizer_file.router)
api.add_router("/searches", rule_texts.router)
api.add_router("/searches", search_edits.router)
api.add_router("/searches", searches.router)
api.add_router("/estimate", estimate.router)

__all__ = ["api"]
