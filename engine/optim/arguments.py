"""What an optimizer may be given: ranges of its numbers, and arguments of other optimizers refused by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from torch import Tensor

from engine.errors import SettingsError

FOREIGN = (
    "alpha", "amsgrad", "betas", "capturable", "centered", "dampening", "decoupled_weight_decay", "differentiable",
    "eps", "etas", "fused", "initial_accumulator_value", "lr_decay", "momentum", "momentum_decay", "nesterov", "rho",
    "step_sizes",
)  # fmt: skip


def refuse(owner: str, given: Mapping[str, Any], allowed: Iterable[str]) -> None:
    """Other optimizers' arguments: what is switched off (``fused=False``) changes nothing and may stand.

    Raises:
        TypeError: an argument that this optimizer has not is given or switched on.
    """
    for name, value in given.items():
        if name not in FOREIGN or bool(value):
            raise TypeError(f"{owner} does not support {name}; its rule is fixed. It has {', '.join(allowed)}.")


def check_group(owner: str, group: Mapping[str, Any], allowed: Iterable[str], decays: str | None) -> None:
    """A parameter group with its defaults filled in; ``decays`` is the text of a rule that needs total_steps.

    Raises:
        ValueError: a number is out of its range.
        TypeError: the group has an argument of another optimizer.
        SettingsError: the rule has decays and total_steps is missing.
    """
    refuse(owner, {name: value for name, value in group.items() if name in FOREIGN}, allowed)
    _check_numbers(group["lr"], group["total_steps"], group["weight_decay"])
    if group["foreach"] not in (None, True, False):
        raise ValueError(f"foreach is {group['foreach']!r}; it must be None, True or False.")
    if decays is not None and group["total_steps"] is None:
        raise SettingsError(f"The rule {decays} decays over a training; give total_steps.")


def _check_numbers(lr: float | Tensor, total_steps: int | None, weight_decay: float) -> None:
    if isinstance(lr, Tensor) and lr.numel() != 1:
        raise ValueError(f"A tensor lr has one element, not {lr.numel()}.")
    if not float(lr) >= 0.0:
        raise ValueError(f"lr is {float(lr)}; it must be at least 0.")
    if total_steps is not None and total_steps < 1:
        raise ValueError(f"total_steps is {total_steps}; it must be at least 1.")
    if not weight_decay >= 0.0:
        raise ValueError(f"weight_decay is {weight_decay}; it must be at least 0.")
