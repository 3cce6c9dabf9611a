"""What a trainer process can be asked for, and which function does it. No torch here.

``child`` is this layer's own ``engine.children.training.train_child``. The functions above it are named, not imported,
as the rows of ``engine.registry`` name theirs: a trainer loads one when a job of its kind comes. All take the same
arguments and give a ChildResult.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Literal, cast, get_args

from engine.children.results import ChildResult
from engine.errors import ChildError

JobKind = Literal["child", "transfer", "paths"]
KINDS: tuple[JobKind, ...] = get_args(JobKind)

ABOVE: dict[JobKind, str] = {
    "transfer": "engine.evaluation.transfer:train_transfer",
    "paths": "engine.evaluation.paths:run_paths",
}


def check_kind(kind: object) -> JobKind:
    """Raises ChildError for a kind that no trainer knows."""
    if kind not in KINDS:
        raise ChildError(f"A trainer was sent a job of the unknown kind {kind!r}; there are {', '.join(KINDS)}.")
    return kind


def load(kind: JobKind) -> Callable[..., ChildResult]:
    """The function of a layer above that does jobs of this kind; with it comes torch."""
    module, _, attribute = ABOVE[kind].partition(":")
    return cast(Callable[..., ChildResult], getattr(import_module(module), attribute))
