"""API tokens: made and revoked by people on a page, checked by the API."""
