"""The fixed parts of an optimizer file. HELPERS computes what `engine.optim` does; tests hold the two together."""

HELPERS = {
    "parts": '''

def parts(*tensors: Tensor) -> Iterable[tuple[Tensor, ...]]:
    """On the CPU, large tensors are cut into flat views that stay in the cache while the rule runs over them."""
    first, size = tensors[0], 2**17
    if first.device.type != "cpu" or first.numel() <= size or not all(tensor.is_contiguous() for tensor in tensors):
        return [tensors]
    return zip(*(tensor.view(-1).split(size) for tensor in tensors))
''',
    "running_average": '''

def running_average(running: Tensor, value: Tensor, beta: float) -> Tensor:
    """Update the running average, which started at 0, in place."""
    return running.mul_(beta).add_(value, alpha=1 - beta)
''',
    "corrected_average": '''

def corrected_average(running: Tensor, value: Tensor, beta: float, step: int) -> Tensor:
    """Update the running average in place; return its bias-corrected value."""
    return running_average(running, value, beta) / (1 - beta**step)
''',
    "constant": """

def constant(g: Tensor, value: float) -> Tensor:
    return g.new_full((), value)
""",
    "linear_decay": """

def linear_decay(t: int, total: int) -> float:
    return max(0.0, (total - min(t, total)) / total)
""",
    "cyclical_decay": """

def cyclical_decay(t: int, total: int, periods: float) -> float:
    return 0.5 * (1.0 + math.cos(2.0 * math.pi * periods * min(t, total) / total))
""",
    "restart_decay": """

def restart_decay(t: int, total: int, periods: float) -> float:
    return 0.5 * (1.0 + math.cos(math.pi * ((min(t, total) * periods) % total) / total))
""",
    "normal": """

def normal(g: Tensor, std: float, generator: torch.Generator) -> Tensor:
    return torch.empty_like(g).normal_(0.0, std, generator=generator)
""",
    "drop": '''

def drop(x: Tensor, rate: float, g: Tensor, generator: torch.Generator) -> Tensor:
    """Set entries to 0 with probability rate; what survives is not rescaled."""
    keep = torch.empty_like(g).uniform_(generator=generator) >= rate
    return torch.where(keep, x, torch.zeros_like(x))
''',
    "generator": '''

_GENERATORS: dict[torch.device, torch.Generator] = {}


def generator_for(device: torch.device, seed: int) -> torch.Generator:
    if device not in _GENERATORS:
        _GENERATORS[device] = torch.Generator(device)
    return _GENERATORS[device].manual_seed(seed)


def draw_seed(seed: int, parameter: int, step: int) -> int:
    """Draws depend on seed, parameter and step alone, so a loaded optimizer continues with the same ones."""
    mask = 2**64 - 1
    z = (seed * 0x9E3779B97F4A7C15 + parameter * 0xD1B54A32D192ED03 + step * 0xABC98388FB8FAC03 + 1) & mask
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
    return (z ^ (z >> 31)) >> 1
''',
}

USAGE_TOTAL = """
    total_steps is the number of steps that the training has; the rule's decays reach their end there.
"""

TEMPLATE = '''# An optimizer found by optimizer search: w <- w - lr * update.
#
# update: {text}
# LaTeX:  {latex}
{origin}#
# Needs only torch. Use it like any torch optimizer:
#     optimizer = {class_name}(model.parameters(), lr={learning_rate}{total_argument})
#     loss.backward(); optimizer.step(); optimizer.zero_grad()

from __future__ import annotations

{imports}from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor


class {class_name}(torch.optim.Optimizer):
    """w <- w - lr * update, with update = {text}

    Running averages start at 0, are updated before they are used, and are bias-corrected.
{total_note}
    Args:
        params: parameters or parameter groups.
        lr: learning rate, a number or a tensor of one element, at least 0.
        total_steps: the number of steps of the training, for rules that decay.
        weight_decay: decoupled: w shrinks by lr * weight_decay at each step.
        seed: of the update's own random numbers, where it has any.
        maximize: follow the gradient upwards.
    """

    AVERAGES = {averages}  # running averages that the rule keeps of each parameter

    def __init__(
        self,
        params: Any,
        lr: float | Tensor = {learning_rate},
        *,
        total_steps: int | None = None,
        weight_decay: float = 0.0,
        seed: int = 0,
        maximize: bool = False,
    ) -> None:
        if isinstance(lr, Tensor) and lr.numel() != 1:
            raise ValueError(f"A tensor lr has one element, not {{lr.numel()}}.")
        if not float(lr) >= 0.0:
            raise ValueError(f"lr is {{float(lr)}}; it must be at least 0.")
        if not weight_decay >= 0.0:
            raise ValueError(f"weight_decay is {{weight_decay}}; it must be at least 0.")
        if total_steps is not None and total_steps < 1:
            raise ValueError(f"total_steps is {{total_steps}}; it must be at least 1.")
{total_check}        defaults = dict(
            lr=lr, total_steps=total_steps, weight_decay=weight_decay, seed=seed, maximize=maximize
        )
        super().__init__(params, defaults)

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        for group in self.param_groups:
            for name, value in self.defaults.items():
                group.setdefault(name, value)

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient; return the closure's loss."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        index = 0
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    self._update(p, group, index)
                index += 1
        return loss

    def _update(self, p: Tensor, group: dict[str, Any], index: int) -> None:
        if p.grad.is_sparse:
            raise RuntimeError("{class_name} does not support sparse gradients; use a dense embedding.")
        if torch.is_complex(p):
            raise RuntimeError("{class_name} does not support complex parameters; use torch.view_as_real.")
        g = -p.grad if group["maximize"] else p.grad
        state = self.state[p]
        t = state.setdefault("step", 0)
        state["step"] = t + 1
        for key in self.AVERAGES:
            if key not in state:
                state[key] = torch.zeros_like(g, memory_format=torch.preserve_format)
        generator = {generator}
        for w, g, *running in parts(p, g, *(state[key] for key in self.AVERAGES)):
            averages = dict(zip(self.AVERAGES, running))
            update = self.update(g, w, averages, t, group["total_steps"] or 0, generator)
            if group["weight_decay"]:
                w.mul_(1 - group["lr"] * group["weight_decay"])
            w.sub_(group["lr"] * update)

    @staticmethod
    def update(
        g: Tensor, w: Tensor, averages: dict[str, Tensor], t: int, total: int, generator: torch.Generator | None
    ) -> Tensor:
        """The rule: gradient g, weights w, t steps done before this one of total in all."""
{body}
{helpers}'''
