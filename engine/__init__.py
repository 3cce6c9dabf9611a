"""Optimizer search: a controller writes update rules, children are trained with them, the best ones are exported.

    from engine import RuleOptimizer, SearchConfig, run_search

Names that need torch are imported when they are first used, so that the rest can be used without it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.config import SearchConfig
    from engine.export import export_rule
    from engine.language import Rule, Space
    from engine.local import SearchReport, run_search
    from engine.optim import RuleOptimizer
    from engine.search import OptimizerSearch

__all__ = [
    "OptimizerSearch",
    "Rule",
    "RuleOptimizer",
    "SearchConfig",
    "SearchReport",
    "Space",
    "export_rule",
    "run_search",
]

_HOMES = {
    "OptimizerSearch": "engine.search",
    "Rule": "engine.language",
    "RuleOptimizer": "engine.optim",
    "SearchConfig": "engine.config",
    "SearchReport": "engine.local",
    "Space": "engine.language",
    "export_rule": "engine.export",
    "run_search": "engine.local",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
