"""The class of an optimizer file, with ``<<marks>>`` where the rule's own lines go.

It does what `engine.optim.rule_optimizer` does; tests hold the two together, bit for bit.
"""

# What a class of the same name would hide from the file's own functions, beside helpers and Python's own names.
NAMES = (
    "Any", "Callable", "Iterable", "Iterator", "Mapping", "Sequence", "Tensor", "UNSUPPORTED", "_GENERATORS",
    "annotations", "check_group", "draw_seed", "gradient_of", "generator_for", "math", "number", "refuse", "scalar",
    "suits_lists", "torch",
)  # fmt: skip

TEMPLATE = '''# An optimizer found by optimizer search: w <- w - lr * update.
#
<<text>>
<<latex>>
#
# Where it comes from, and how it was measured:
<<origin>>#
# Needs only torch. Use it like any torch optimizer:
#     optimizer = <<class_name>>(model.parameters(), lr=<<learning_rate>><<total_argument>>)
#     loss.backward(); optimizer.step(); optimizer.zero_grad()

from __future__ import annotations

<<imports>>from collections.abc import <<abc>>
from typing import Any

import torch
from torch import Tensor


class <<class_name>>(torch.optim.Optimizer):
    """w <- w - lr * update<<title>>

    Running averages start at 0, are updated before they are used, and are bias-corrected; Lion's alone is read before
    its update, uncorrected.
<<total_note>>
    Args:
        params: parameters or parameter groups.
        lr: learning rate, a number or a tensor of one element, at least 0; read from the group at each step.
        total_steps: the number of steps of the training, at least 1, for rules that decay.
        weight_decay: decoupled, at least 0: w shrinks by lr * weight_decay at each step.
        seed: of the update's own random numbers, where it has any; they depend on it, the parameter and the step.
        maximize: follow the gradient upwards.
        foreach: <<foreach_help>>

    Raises:
        ValueError: a number is out of its range, or total_steps is missing where the rule decays.
        TypeError: an argument that only other optimizers have, such as momentum or fused.
    """

    # The running averages that the rule keeps of each parameter.
    AVERAGES: tuple[str, ...] = <<averages>>

    def __init__(
        self,
        params: Any,
        lr: float | Tensor = <<learning_rate>>,
        *,
        total_steps: int | None = None,
        weight_decay: float = 0.0,
        seed: int = 0,
        maximize: bool = False,
        foreach: bool | None = None,
        **unsupported: Any,
    ) -> None:
        refuse(unsupported)
        defaults = {
            "lr": lr,
            "total_steps": total_steps,
            "weight_decay": weight_decay,
            "seed": seed,
            "maximize": maximize,
            "foreach": foreach,
        }
        check_group(defaults)
        super().__init__(params, defaults)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add parameters with settings of their own; raises as the constructor does, and then adds nothing."""
        if isinstance(param_group, dict):
            check_group({**self.defaults, **param_group})
        super().add_param_group(param_group)

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self.defaults.setdefault("foreach", None)
        for group in self.param_groups:
            for name, value in self.defaults.items():
                group.setdefault(name, value)

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient; return the closure's loss.

        Raises:
            RuntimeError: a gradient is sparse or a parameter complex.
        """
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        first = 0
        for group in self.param_groups:
            self._step_group(group, first)
            first += len(group["params"])
        return loss

<<step_group>>
    def _state(self, p: Tensor) -> tuple[int, list[Tensor]]:
        """The steps that a parameter has done, one more from now on, and its running averages."""
        state = self.state[p]
        if not state:
            state["step"] = 0
            for key in self.AVERAGES:
                state[key] = torch.zeros_like(p, memory_format=torch.preserve_format)
        t: int = state["step"]
        state["step"] = t + 1
        return t, [state[key] for key in self.AVERAGES]

    def _update_one(
        self, p: Tensor, gradient: Tensor, running: list[Tensor], t: int, group: dict[str, Any], index: int
    ) -> None:
        lr = scalar(group["lr"])
<<generator>>        for w, g, *values in parts(p, gradient, *running):
            averages = dict(zip(self.AVERAGES, values, strict=True))
            update = self.update(g, w, averages, t, group["total_steps"] or 0<<generator_given>>)
            if group["weight_decay"]:
                w.mul_(1 - lr * group["weight_decay"])
            w.sub_(update * lr)
<<update_lists>>
    @staticmethod
    def update(<<update_arguments>>) -> Tensor:
        """The rule: gradient g, weights w, t steps done before this one of total in all."""
<<body>>
<<list_method>>

UNSUPPORTED = (
    "alpha", "amsgrad", "betas", "capturable", "centered", "dampening", "decoupled_weight_decay", "differentiable",
    "eps", "etas", "fused", "initial_accumulator_value", "lr_decay", "momentum", "momentum_decay", "nesterov", "rho",
    "step_sizes",
)  # fmt: skip


def refuse(given: Mapping[str, Any]) -> None:
    """Other optimizers' arguments; what is switched off (fused=False) changes nothing and may stand."""
    for name, value in given.items():
        if name not in UNSUPPORTED or bool(value):
            raise TypeError(
                f"<<class_name>> does not support {name}; its rule is fixed. "
                "It has lr, total_steps, weight_decay, seed, maximize, foreach."
            )


def check_group(group: Mapping[str, Any]) -> None:
    """Check a parameter group with its defaults filled in."""
    refuse({name: value for name, value in group.items() if name in UNSUPPORTED})
    lr, total_steps, weight_decay = group["lr"], group["total_steps"], group["weight_decay"]
    if isinstance(lr, Tensor) and lr.numel() != 1:
        raise ValueError(f"A tensor lr has one element, not {lr.numel()}.")
    if not float(lr) >= 0.0:
        raise ValueError(f"lr is {float(lr)}; it must be at least 0.")
    if total_steps is not None and total_steps < 1:
        raise ValueError(f"total_steps is {total_steps}; it must be at least 1.")
    if not weight_decay >= 0.0:
        raise ValueError(f"weight_decay is {weight_decay}; it must be at least 0.")
    if group["foreach"] not in (None, True, False):
        raise ValueError(f"foreach is {group['foreach']!r}; it must be None, True or False.")
<<total_check>>

def scalar(lr: float | Tensor) -> float | Tensor:
    return lr.reshape(()) if isinstance(lr, Tensor) else lr


def gradient_of(p: Tensor, maximize: bool) -> Tensor:
    g = p.grad
    assert g is not None
    if g.is_sparse:
        raise RuntimeError("<<class_name>> does not support sparse gradients; use a dense embedding.")
    if torch.is_complex(p):
        raise RuntimeError("<<class_name>> does not support complex parameters; use torch.view_as_real.")
    return -g if maximize else g
<<helpers>>'''
