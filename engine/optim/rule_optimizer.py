"""RuleOptimizer: a torch optimizer that runs any rule of the language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from engine.language import Rule
from engine.optim.arguments import check_group, refuse
from engine.optim.functions import Step
from engine.optim.list_function import list_function, number
from engine.optim.parts import Row, lists, parts
from engine.optim.program import Program
from engine.optim.random_draws import draw_seed

_ARGUMENTS = ("lr", "total_steps", "weight_decay", "seed", "maximize", "foreach")


class RuleOptimizer(torch.optim.Optimizer):
    """w ← w − λ·Δ, with Δ computed by a rule (Bello et al. 2017, section 4).

    Running averages start at 0, are updated before they are used, and are bias-corrected (Lion's is read before its
    update, uncorrected). Every operation is element-wise, so how parameters are split into tensors changes nothing but
    the random draws.

    Args:
        params: parameters or parameter groups.
        rule: a Rule or its text, such as ``"exp(sign(g)*sign(m)) * g"``.
        lr: learning rate λ, a number or a 0-dimensional tensor, at least 0; read at each step.
        total_steps: T of the decays; rules with ``ld``, ``cd`` or ``rd`` need it.
        weight_decay: decoupled: w shrinks by lr·weight_decay at each step.
        seed: of the rule's own noise and drops; the draws depend on it, the parameter and the step alone.
        maximize: follow the gradient upwards.
        foreach: work on lists of tensors (True) or on one tensor after the other (False), with the same result bit for
            bit; None takes lists, which are faster, but for one tensor alone and for tensor subclasses. Rules with
            random draws, parameters without a dimension, and a step under torch.compile always go one by one.

    Raises:
        RuleError: the text is no rule.
        ValueError: a number is out of its range.
        TypeError: an argument that only other optimizers have, such as ``momentum`` or ``fused``.
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
        foreach: bool | None = None,
        **unsupported: Any,
    ) -> None:
        refuse("RuleOptimizer", unsupported, _ARGUMENTS)
        self.rule = Rule.parse(rule) if isinstance(rule, str) else rule
        self._compile()
        defaults = {
            "lr": lr, "total_steps": total_steps, "weight_decay": weight_decay, "seed": seed, "maximize": maximize,
            "foreach": foreach,
        }  # fmt: skip
        self._check(defaults)
        super().__init__(params, defaults)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Adds parameters with settings of their own. Raises as the constructor does; then nothing is added."""
        if isinstance(param_group, dict):
            self._check({**self.defaults, **param_group})
        super().add_param_group(param_group)

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if "rule" in state:  # A copy or an unpickled optimizer; load_state_dict comes here too, without the rule.
            self._compile()
        self.defaults.setdefault("foreach", None)
        for group in self.param_groups:
            for name, value in self.defaults.items():
                group.setdefault(name, value)

    def __getstate__(self) -> dict[str, Any]:
        """Generators cannot be copied and need not be, as each step reseeds them; the rule is compiled anew."""
        kept = {key: value for key, value in self.__dict__.items() if key not in ("_generators", "_program", "_lists")}
        return {**kept, **super().__getstate__()}

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """One update of every parameter that has a gradient; returns the closure's loss.

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

    def _compile(self) -> None:
        self._program, self._lists = Program(self.rule), list_function(self.rule)
        self._generators: dict[torch.device, torch.Generator] = {}

    def _check(self, group: dict[str, Any]) -> None:
        decays = self.rule.text if self._program.needs_total else None
        check_group("RuleOptimizer", group, _ARGUMENTS, decays)

    def _step_group(self, group: dict[str, Any], first: int) -> None:
        """``first`` is the place of the group's first parameter among all."""
        # torch.compile fuses what goes one by one; lists would make it compile anew for each step.
        in_lists = self._lists is not None and group["foreach"] is not False and not torch.compiler.is_compiling()
        buckets: dict[tuple[Any, ...], list[Row]] = {}  # By step, device and data types.
        for index, w in enumerate(group["params"], first):
            if w.grad is None:
                continue
            g = _gradient(w, group["maximize"])
            t, running = self._state(w)
            if in_lists and _suits_lists(w, bool(group["foreach"])):
                buckets.setdefault((t, w.device, w.dtype, g.dtype), []).append((w, g, *running))
            else:
                self._update_one(w, g, running, t, group, index)
        for (t, *_), rows in buckets.items():
            if len(rows) == 1 and not group["foreach"]:  # A list of one is 10 µs slower: 2 cores, Xeon, 5,000 weights.
                w, g, *running = rows[0]
                self._update_one(w, g, running, t, group, index=0)
            else:
                self._update_lists(rows, t, group)

    def _state(self, w: Tensor) -> tuple[int, list[Tensor]]:
        """The steps that a parameter has done, one more from now on, and its running averages."""
        state = self.state[w]
        if not state:
            state["step"] = 0
            for average in self._program.averages:
                state[average.key] = torch.zeros_like(w, memory_format=torch.preserve_format)
        t: int = state["step"]
        state["step"] = t + 1
        return t, [state[average.key] for average in self._program.averages]

    def _update_one(
        self, w: Tensor, g: Tensor, running: list[Tensor], t: int, group: dict[str, Any], index: int
    ) -> None:
        lr, program = _scalar(group["lr"]), self._program
        generator = self._generator(w.device, draw_seed(group["seed"], index, t)) if program.is_random else None
        for w_part, g_part, *running_parts in parts(w, g, *running):
            averages = program.read(g_part, running_parts, t + 1)
            delta = program(Step(g_part, w_part, t, group["total_steps"] or 0, averages, generator))
            program.finish(g_part, running_parts)
            if group["weight_decay"]:
                w_part.mul_(1 - lr * group["weight_decay"])
            w_part.sub_(delta * lr)

    def _update_lists(self, rows: list[Row], t: int, group: dict[str, Any]) -> None:
        lr, keys = _scalar(group["lr"]), [average.key for average in self._program.averages]
        assert self._lists is not None
        for ws, gs, *running in lists(rows):
            averages = dict(zip(keys, running, strict=True))
            updates = self._lists(gs, ws, averages, t, group["total_steps"] or 0, lr)
            if group["weight_decay"]:
                torch._foreach_mul_(ws, number(1 - lr * group["weight_decay"]))
            torch._foreach_sub_(ws, updates)

    def _generator(self, device: torch.device, seed: int) -> torch.Generator:
        if device not in self._generators:
            self._generators[device] = torch.Generator(device)
        return self._generators[device].manual_seed(seed)


def _suits_lists(w: Tensor, forced: bool) -> bool:
    """Not parameters that are one number: a factor, itself a tensor of one, would change their data type."""
    return w.dim() > 0 and (forced or type(w) in (Tensor, torch.nn.Parameter))


def _scalar(lr: float | Tensor) -> float | Tensor:
    return lr.reshape(()) if isinstance(lr, Tensor) else lr


def _gradient(w: Tensor, maximize: bool) -> Tensor:
    g = w.grad
    assert g is not None
    if g.is_sparse:
        raise RuntimeError("RuleOptimizer does not support sparse gradients; use a dense embedding.")
    if torch.is_complex(w):
        raise RuntimeError("RuleOptimizer does not support complex parameters; use torch.view_as_real.")
    return -g if maximize else g
