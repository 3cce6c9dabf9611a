"""The sweep of a child, its learning rates side by side: they share rule, seed, first weights and the data's order.

Each member's numbers are those that it would have alone but for rounding, for sums run in another order.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import asdict

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.children.networks.convnet import ConvNet
from engine.children.population.convnet_gradient import written_out
from engine.children.population.stacks import Stack, StackedConvNet, stack
from engine.children.protocol import RunPlan, diverged_reason, trained_reason
from engine.children.results import EpochPoint, RunRecord
from engine.children.run import CHECK_STEPS, Child, Diverged, check_finite, evaluation_batches, train_run
from engine.optim.population import PopulationOptimizer

# Numbers in the planes of all members after the first convolution, up to which a CPU was measured to be faster side by
# side: grouped convolutions in float32 are slow where they do not fit its cache, and tensors above 32 MiB are fetched
# from the system anew at each step (benchmarks/RESULTS.md, Children).
MOST_PLANES = {torch.float32: 2**21, torch.bfloat16: 2**24}


def train_sweep(child: Child, learning_rates: Sequence[float], plan: RunPlan) -> list[RunRecord]:
    """One run for each rate, in their order; ``plan`` has one epoch and no floor."""
    count = len(learning_rates)
    groups = -(-count // min(count, _at_once(child)))
    size = -(-count // groups)  # 7 of which 5 fit go as 4 and 3
    records = []
    for first in range(0, count, size):
        records += _side_by_side(child, learning_rates[first : first + size], plan)
    return records


def _side_by_side(child: Child, learning_rates: Sequence[float], plan: RunPlan) -> list[RunRecord]:
    child.network.reset()
    stacked = None
    if len(learning_rates) > 1:
        stacked = stack(child.network.network, len(learning_rates), child.computes_in)
    if stacked is None:
        return [train_run(child, "sweep", rate, plan) for rate in learning_rates]
    return _Sweep(child, stacked, learning_rates, plan).run()


def _at_once(child: Child) -> int:
    """Members side by side, at least one. On other devices all: small kernels leave them idle (not measured)."""
    network = child.network.network
    if child.data.device.type != "cpu" or not isinstance(network, ConvNet):
        return sys.maxsize
    planes = child.batch_size * network.filters * child.data.shape["size"] ** 2
    return max(1, MOST_PLANES[child.computes_in] // planes)


class _Sweep:
    def __init__(self, child: Child, stacked: Stack, learning_rates: Sequence[float], plan: RunPlan) -> None:
        self.child, self.stacked, self.plan, self.rates = child, stacked, plan, learning_rates
        first = child.network.weights.detach()
        self.weights = first.repeat(len(learning_rates), 1).requires_grad_()  # [members, parameters]
        self.weights.grad = torch.zeros_like(self.weights)
        moving = stacked.averages if isinstance(stacked, StackedConvNet) else None
        device = self.weights.device
        self.written_out = written_out(child.network.network, device, len(learning_rates), child.computes_in, moving)
        self.optimizer = PopulationOptimizer(
            self.weights, child.rule, learning_rates, total_steps=plan.total_steps, seed=child.seed
        )
        self.ends: dict[int, Diverged] = {}  # by the place of a member's learning rate

    def run(self) -> list[RunRecord]:
        started = time.perf_counter()
        losses = self._train()
        alive = len(self.ends) < len(self.rates)
        accuracies = self._accuracies() if alive else [0.0] * len(self.rates)
        seconds = (time.perf_counter() - started) / len(self.rates)
        return [
            self._record(member, loss, accuracy, seconds)
            for member, (loss, accuracy) in enumerate(zip(losses.mean(1).tolist(), accuracies, strict=True))
        ]

    def _train(self) -> Tensor:
        """Losses [members, steps]; a member that diverged goes on without harm to the others until all have."""
        child, steps = self.child, self.plan.steps
        order = torch.Generator().manual_seed(child.seed)
        examples = torch.randperm(child.train_examples, generator=order).to(child.data.device)
        losses = torch.zeros(len(self.rates), steps, device=examples.device)
        for step in range(steps):
            child.check_stop()
            losses[:, step] = self._step(examples[step * child.batch_size : (step + 1) * child.batch_size])
            if (step + 1) % CHECK_STEPS == 0 or step + 1 == steps:
                self._check_finite(losses[:, : step + 1])
                if len(self.ends) == len(self.rates):
                    break
        return losses

    def _step(self, batch: Tensor) -> Tensor:
        """One update of each member with the examples whose indices are in batch [n]; their mean losses [members]."""
        inputs, targets = self.child.data.batch("train", batch)
        losses = self._gradient(inputs, targets)
        self.optimizer.step()
        return losses

    def _gradient(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """Losses [members]; leaves their gradients in ``weights.grad``."""
        assert self.weights.grad is not None
        if self.written_out is not None:
            return self.written_out(self.weights.detach(), self.weights.grad, inputs, targets)
        logits = self.stacked(self.weights, inputs, True)
        each = F.cross_entropy(logits.flatten(0, 1), targets.repeat(len(self.rates)), reduction="none")
        losses = each.view(len(self.rates), -1).mean(1)
        self.weights.grad.zero_()
        losses.sum().backward()  # Each loss depends on its member's weights alone.
        return losses.detach()

    def _check_finite(self, losses: Tensor) -> None:
        weights = self.weights.detach()
        if bool(torch.isfinite(losses).all() & torch.isfinite(weights).all()):
            return
        for member in range(len(self.rates)):
            if member not in self.ends:
                try:
                    check_finite(losses[member], weights[member], 0)
                except Diverged as error:
                    self.ends[member] = error

    @torch.no_grad()
    def _accuracies(self) -> list[float]:
        targets_seen, right = 0, torch.zeros(len(self.rates), dtype=torch.int64, device=self.weights.device)
        for inputs, targets in evaluation_batches(self.child, "validation"):
            right += (self.stacked(self.weights, inputs, False).argmax(dim=2) == targets).sum(dim=1)
            targets_seen += len(targets)
        return [count / targets_seen for count in right.tolist()]

    def _record(self, member: int, loss: float, accuracy: float, seconds: float) -> RunRecord:
        rate, plan, end = self.rates[member], self.plan, self.ends.get(member)
        if end is not None:
            return RunRecord("sweep", rate, "diverged", diverged_reason(end.step, end.what, plan), seconds)
        point = EpochPoint(plan.share, loss, accuracy)
        self.child.on_event({"event": "epoch", "stage": "sweep", "learning_rate": rate, **asdict(point)})
        return RunRecord("sweep", rate, "trained", trained_reason(accuracy, plan), seconds, (point,))
