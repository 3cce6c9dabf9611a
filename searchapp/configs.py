"""The stored configuration of a search, as the engine's checked object."""

from engine.config import SearchConfig
from searchapp.models import Search


def search_config(search: Search) -> SearchConfig:
    """Raises pydantic.ValidationError when a configuration stored by an older version no longer fits."""
    return SearchConfig.model_validate(search.config)
