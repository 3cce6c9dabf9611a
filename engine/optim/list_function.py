"""The lowered rule as a function over lists of tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from engine.language import Rule
from engine.lowering import list_lines
from engine.optim import decays

# (gs, ws, averages by key, t, total, lr) -> λ·Δ; lists of tensors of one device and data type.
ListFunction = Callable[
    [list[Tensor], list[Tensor], dict[str, list[Tensor]], int, int, float | Tensor], list[Tensor]
]  # fmt: skip


def list_function(rule: Rule) -> ListFunction | None:
    """None for a rule with random draws, which depend on the parameter."""
    lines = list_lines(rule)
    if lines is None:
        return None
    source = "def update(gs, ws, averages, t, total, lr):\n    " + "\n    ".join(lines)
    # The text is made of the rule's tree alone, of names of the table and of numbers.
    namespace: dict[str, Any] = {**_NAMES}
    exec(compile(source, f"<update over lists: {rule.text}>", "exec"), namespace)
    function: ListFunction = namespace["update"]
    return function


def _constant(g: Tensor, value: float) -> Tensor:
    return g.new_full((), value)


def number(value: float | Tensor) -> Tensor:
    """A factor for lists, on the CPU: torch takes it along as a number to any device, without waiting for it."""
    return value if isinstance(value, Tensor) else torch.tensor(value, dtype=torch.float64)


_NAMES = {
    "torch": torch,
    "number": number,
    "constant": _constant,
    "linear_decay": decays.linear_decay,
    "cyclical_decay": decays.cyclical_decay,
    "restart_decay": decays.restart_decay,
}
