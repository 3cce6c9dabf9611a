"""Optimizer search: a controller writes update rules, children are trained with them, the best ones are exported.

    from engine import search_optimizer

    report = search_optimizer(make_model, train_loader, validation_loader, budget=60)
    report.best.save("my_optimizer.py")

The public names are those of ``__all__``; engine/README.md shows each of them. Names that need torch are imported when
they are first used, so that the rest can be used without it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.config import ConfirmationConfig, SearchConfig
    from engine.errors import EngineError
    from engine.evaluation.confirm import Spread
    from engine.export import export_rule
    from engine.language import Rule, Space
    from engine.local import SearchReport, Standing, run_search
    from engine.local.own import search_optimizer
    from engine.optim import RuleOptimizer
    from engine.presets import BASELINES, NAMED_RULES, named_rule
    from engine.search import OptimizerSearch

__all__ = [
    "BASELINES",
    "NAMED_RULES",
    "ConfirmationConfig",
    "EngineError",
    "OptimizerSearch",
    "Rule",
    "RuleOptimizer",
    "SearchConfig",
    "SearchReport",
    "Space",
    "Spread",
    "Standing",
    "export_rule",
    "named_rule",
    "run_search",
    "search_optimizer",
]

_HOMES = {
    "BASELINES": "engine.presets",
    "NAMED_RULES": "engine.presets",
    "ConfirmationConfig": "engine.config",
    "EngineError": "engine.errors",
    "OptimizerSearch": "engine.search",
    "Rule": "engine.language",
    "RuleOptimizer": "engine.optim",
    "SearchConfig": "engine.config",
    "SearchReport": "engine.local",
    "Space": "engine.language",
    "Spread": "engine.evaluation.confirm",
    "Standing": "engine.local",
    "export_rule": "engine.export",
    "named_rule": "engine.presets",
    "run_search": "engine.local",
    "search_optimizer": "engine.local.own",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
