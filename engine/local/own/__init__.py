"""A search on somebody's own model and data, in their own process: what notebooks use."""

from engine.local.own.search import search_optimizer

__all__ = ["search_optimizer"]
