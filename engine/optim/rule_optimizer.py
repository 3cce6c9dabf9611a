"""RuleOptimizer: a torch optimizer that runs any rule of the language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from engine.errors import SettingsError
from engine.language import Rule
from engine.language.averages import Average
from engine.optim.functions import Step
from engine.optim.parts import parts
from engine.optim.program import Program
from engine.optim.random_draws import draw_seed


class RuleOptimizer(torch.optim.Optimizer):
    """w ← w − λ·Δ, with Δ computed by a rule (Bello et al. 2017, section 4).

    Running averages start at 0, are updated before they are used, and are bias-corrected. Every operation is
    element-wise, so how parameters are split into tensors changes nothing but the random draws.

    Args:
        params: parameters or parameter groups.
        rule: a Rule or its text, such as ``"exp(sign(g)*sign(m)) * g"``.
        lr: learning rate λ, a number or a 0-dimensional tensor, at least 0.
        total_steps: T of the decays; rules with ``ld``, ``cd`` or ``rd`` need it.
        weight_decay: decoupled: w shrinks by lr·weight_decay at each step.
        seed: of the rule's own noise and drops; the draws depend on it, the parameter and the step alone.
        maximize: follow the gradient upwards.

    Raises:
        RuleError: the text is no rule.
        ValueError: a number is out of its range.
        SettingsError: the rule has decays and total_steps is missing.
    """

    def __init__(
        self,
        params: Any,
        rule: Rule | str,
        lr: float | Tensor = 1e-3,
        *,
        total_steps: int | None = None,
        weight_decay: float = 0.0,
        seed: int = 0,
        maximize: bool = False,
    ) -> None:
        self.rule = Rule.parse(rule) if isinstance(rule, str) else rule
        self._program = Program(self.rule)
        self._generators: dict[torch.device, torch.Generator] = {}
        _check(lr, total_steps, weight_decay)
        if self._program.needs_total and total_steps is None:
            raise SettingsError(f"The rule {self.rule.text} decays over a training; give total_steps.")
        defaults = {
            "lr": lr, "total_steps": total_steps, "weight_decay": weight_decay, "seed": seed, "maximize": maximize,
        }  # fmt: skip
        super().__init__(params, defaults)

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if "rule" in state:  # A copy or an unpickled optimizer; load_state_dict comes here too, without the rule.
            self._program, self._generators = Program(self.rule), {}
        for group in self.param_groups:
            for name, value in self.defaults.items():
                group.setdefault(name, value)

    def __getstate__(self) -> dict[str, Any]:
        """Generators cannot be copied and need not be, as each step reseeds them; the program is compiled anew."""
        kept = {key: value for key, value in self.__dict__.items() if key not in ("_generators", "_program")}
        return {**kept, **super().__getstate__()}

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """One update of every parameter that has a gradient; returns the closure's loss."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        index = 0
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self._update(parameter, group, index)
                index += 1
        return loss

    def _update(self, w: Tensor, group: dict[str, Any], index: int) -> None:
        g = _gradient(w, group["maximize"])
        state = self.state[w]
        t = state.setdefault("step", 0)
        state["step"] = t + 1
        running = [_running(average.key, g, state) for average in self._program.averages]
        generator = self._generator(w.device, draw_seed(group["seed"], index, t)) if self._program.is_random else None
        for w_part, g_part, *running_parts in parts(w, g, *running):
            averages = self._averages(g_part, running_parts, t + 1)
            delta = self._program(Step(g_part, w_part, t, group["total_steps"] or 0, averages, generator))
            if group["weight_decay"]:
                w_part.mul_(1 - group["lr"] * group["weight_decay"])
            w_part.sub_(group["lr"] * delta)

    def _averages(self, g: Tensor, running: list[Tensor], step: int) -> dict[str, Tensor]:
        """Updates the running averages in place; gives their bias-corrected values by key."""
        corrected = {}
        for average, value in zip(self._program.averages, running, strict=True):
            power = g if average.power == 1 else g * g if average.power == 2 else g * g * g
            value.mul_(average.beta).add_(power, alpha=1 - average.beta)
            corrected[average.key] = self._corrected(average, value, step)
        return corrected

    def _corrected(self, average: Average, value: Tensor, step: int) -> Tensor:
        return value if average in self._program.signs_only else value / (1 - average.beta**step)

    def _generator(self, device: torch.device, seed: int) -> torch.Generator:
        if device not in self._generators:
            self._generators[device] = torch.Generator(device)
        return self._generators[device].manual_seed(seed)


def _running(key: str, g: Tensor, state: dict[str, Any]) -> Tensor:
    if key not in state:
        state[key] = torch.zeros_like(g, memory_format=torch.preserve_format)
    running: Tensor = state[key]
    return running


def _gradient(w: Tensor, maximize: bool) -> Tensor:
    g = w.grad
    assert g is not None
    if g.is_sparse:
        raise RuntimeError("RuleOptimizer does not support sparse gradients; use a dense embedding.")
    if torch.is_complex(w):
        raise RuntimeError("RuleOptimizer does not support complex parameters; use torch.view_as_real.")
    return -g if maximize else g


def _check(lr: float | Tensor, total_steps: int | None, weight_decay: float) -> None:
    if isinstance(lr, Tensor) and lr.numel() != 1:
        raise ValueError(f"A tensor lr has one element, not {lr.numel()}.")
    if not float(lr) >= 0.0:
        raise ValueError(f"lr is {float(lr)}; it must be at least 0.")
    if total_steps is not None and total_steps < 1:
        raise ValueError(f"total_steps is {total_steps}; it must be at least 1.")
    if not weight_decay >= 0.0:
        raise ValueError(f"weight_decay is {weight_decay}; it must be at least 0.")
