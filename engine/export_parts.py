"""The parts of an optimizer file that only some rules need: one by one or over lists, and the decays' notes."""

STEP_ONE_BY_ONE = '''    def _step_group(self, group: dict[str, Any], first: int) -> None:
        """Update a group's parameters; ``first`` is the place of its first one among all."""
        for index, p in enumerate(group["params"], first):
            if p.grad is not None:
                g = gradient_of(p, group["maximize"])
                t, running = self._state(p)
                self._update_one(p, g, running, t, group, index)
'''

STEP_IN_LISTS = '''    def _step_group(self, group: dict[str, Any], first: int) -> None:
        """Update a group's parameters; ``first`` is the place of its first one among all."""
        # torch.compile fuses what goes one by one; lists would make it compile anew for each step.
        in_lists = group["foreach"] is not False and not torch.compiler.is_compiling()
        buckets: dict[tuple[Any, ...], list[tuple[Tensor, ...]]] = {}  # by step, device and data types
        for index, p in enumerate(group["params"], first):
            if p.grad is None:
                continue
            g = gradient_of(p, group["maximize"])
            t, running = self._state(p)
            if in_lists and suits_lists(p, bool(group["foreach"])):
                buckets.setdefault((t, p.device, p.dtype, g.dtype), []).append((p, g, *running))
            else:
                self._update_one(p, g, running, t, group, index)
        for (t, *_), rows in buckets.items():
            if len(rows) == 1 and not group["foreach"]:
                p, g, *running = rows[0]
                self._update_one(p, g, running, t, group, index)
            else:
                self._update_lists(rows, t, group)
'''

UPDATE_LISTS = """
    def _update_lists(self, rows: list[tuple[Tensor, ...]], t: int, group: dict[str, Any]) -> None:
        lr = scalar(group["lr"])
        for ws, gs, *running in lists(rows):
            averages = dict(zip(self.AVERAGES, running, strict=True))
            steps = self.update_lists(gs, ws, averages, t, group["total_steps"] or 0, lr)
            if group["weight_decay"]:
                torch._foreach_mul_(ws, number(1 - lr * group["weight_decay"]))
            torch._foreach_sub_(ws, steps)
"""

LIST_METHOD = '''
    @staticmethod
    def update_lists(
        gs: list[Tensor],
        ws: list[Tensor],
        averages: dict[str, list[Tensor]],
        t: int,
        total: int,
        lr: float | Tensor,
    ) -> tuple[Tensor, ...] | list[Tensor]:
        """The rule times lr for lists of gradients and weights, as `update` computes it, bit for bit."""
<<lines>>
'''

FOREACH_HELP = """work on lists of tensors (True) or on one tensor after the other (False), with the same result bit for
            bit; None takes lists, which are faster, but for one tensor alone and for tensor subclasses. Parameters
            without a dimension, and a step under torch.compile, always go one by one."""

FOREACH_HELP_RANDOM = """without effect: this rule draws random numbers, for one parameter after the other."""

USAGE_TOTAL = """
    total_steps is the number of steps that the training has; the rule's decays reach their end there.
"""

TOTAL_CHECK = """    if total_steps is None:
        raise ValueError("The rule decays: give total_steps, the number of steps of the training.")
"""

UPDATE_ARGUMENTS = "g: Tensor, w: Tensor, averages: dict[str, Tensor], t: int, total: int"
