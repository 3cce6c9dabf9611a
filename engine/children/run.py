"""One run: a fresh network trained with one rule at one learning rate."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.children.datasets.dataset import Dataset, Split
from engine.children.flat_network import FlatNetwork
from engine.children.population.convnet_gradient import ConvNetGradient
from engine.children.precision import computing_in
from engine.children.protocol import RunPlan, diverged_reason, dropped_reason, trained_reason
from engine.children.results import EpochPoint, Outcome, RunRecord, Stage
from engine.language import Rule
from engine.optim.population import PopulationOptimizer

CHECK_STEPS = 32  # Reading a number waits for the device, so losses are looked at this often, not at every step.
EVALUATION_BATCH = 250


@dataclass(frozen=True, slots=True)
class Child:
    """What the runs of a child share.

    Attributes:
        data: the data set on the device; a reward comes from its training and validation splits alone.
        computes_in: the type of the network's layers, float32 or bfloat16.
        written_out: what computes losses and gradients instead of autograd, where there is such a thing.
        train_examples, validation_examples: how many of each, from the front of the split.
        seed: of the data order and of the rule's own noise; each run starts it anew.
        on_event: gets one dict after each epoch.
        check_stop: raises ChildStopped.
    """

    rule: Rule
    data: Dataset
    network: FlatNetwork
    computes_in: torch.dtype
    written_out: ConvNetGradient | None
    batch_size: int
    train_examples: int
    validation_examples: int
    seed: int
    on_event: Callable[[dict[str, Any]], None]
    check_stop: Callable[[], None]

    def examples(self, split: Split) -> int:
        """How many of a split are used: what the protocol says, and the whole test split."""
        if split == "test":
            return self.data.count("test")
        return self.train_examples if split == "train" else self.validation_examples

    def logits(self, inputs: Tensor) -> Tensor:
        """float32 [targets, classes]"""
        with computing_in(self.computes_in, inputs.device):
            return self.network.network(inputs).float()  # type: ignore[no-any-return]

    def gradient(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """The mean loss of a training batch; leaves its gradient in the network's ``weights.grad``."""
        if self.written_out is not None:
            w, g = self.network.weights.detach(), self.network.weights.grad
            assert g is not None
            return self.written_out(w.unsqueeze(0), g.unsqueeze(0), inputs, targets)[0]
        loss = F.cross_entropy(self.logits(inputs), targets)
        self.network.backward(loss)
        return loss.detach()


class Diverged(Exception):
    """The loss or a weight is not finite any more.

    Attributes:
        step: by which it happened, counted from 1 over the whole run.
        what: a phrase such as “the loss was NaN”.
    """

    def __init__(self, step: int, what: str) -> None:
        super().__init__(step, what)
        self.step, self.what = step, what


def train_run(child: Child, stage: Stage, learning_rate: float, plan: RunPlan) -> RunRecord:
    """Trains from fresh weights and says how it ended."""
    started = time.perf_counter()
    curve: list[EpochPoint] = []

    def record(outcome: Outcome, reason: str) -> RunRecord:
        return RunRecord(stage, learning_rate, outcome, reason, time.perf_counter() - started, tuple(curve))

    try:
        for epoch, loss in enumerate(train_epochs(child, learning_rate, plan), start=1):
            share_right = accuracy(child, "validation")
            curve.append(EpochPoint(epoch * plan.share, loss, share_right))
            child.on_event({"event": "epoch", "stage": stage, "learning_rate": learning_rate, **asdict(curve[-1])})
            if epoch == 1 and share_right < plan.floor:
                return record("dropped", dropped_reason(share_right, plan))
    except Diverged as error:
        return record("diverged", diverged_reason(error.step, error.what, plan))
    return record("trained", trained_reason(curve[-1].validation_accuracy, plan))


def train_epochs(child: Child, learning_rate: float, plan: RunPlan) -> Iterator[float]:
    """From fresh weights, trains one epoch for each item asked for; yields its mean training loss. Raises Diverged."""
    child.network.reset()
    # A population of one: RuleOptimizer's numbers, bit for bit, without what people's own models need of it.
    weights = child.network.weights.detach().unsqueeze(0)
    assert child.network.weights.grad is not None
    weights.grad = child.network.weights.grad.unsqueeze(0)
    optimizer = PopulationOptimizer(weights, child.rule, [learning_rate], total_steps=plan.total_steps, seed=child.seed)
    order = torch.Generator().manual_seed(child.seed)
    for epoch in range(plan.epochs):
        examples = torch.randperm(child.train_examples, generator=order).to(child.data.device)
        losses = torch.zeros(plan.steps, device=examples.device)
        child.network.network.train()
        for step in range(plan.steps):
            child.check_stop()
            batch = examples[step * child.batch_size : (step + 1) * child.batch_size]  # [batch]
            losses[step] = _step(child, optimizer, batch)
            if (step + 1) % CHECK_STEPS == 0 or step + 1 == plan.steps:
                check_finite(losses[: step + 1], child.network.weights.detach(), epoch * plan.steps)
        yield float(losses.mean())


def _step(child: Child, optimizer: PopulationOptimizer, batch: Tensor) -> Tensor:
    """One update with the examples whose indices are in batch [n]; returns their mean loss, before it."""
    inputs, targets = child.data.batch("train", batch)
    loss = child.gradient(inputs, targets)
    optimizer.step()
    return loss


def check_finite(losses: Tensor, weights: Tensor, steps_before: int) -> None:
    """Raises Diverged; losses [steps] are the epoch's until now, ``steps_before`` those of the epochs before it."""
    if bool(torch.isfinite(losses).all() & torch.isfinite(weights).all()):
        return
    broken = (~torch.isfinite(losses)).nonzero().flatten().tolist()
    if broken:
        raise Diverged(steps_before + broken[0] + 1, f"the loss was {_kind(losses[broken[0]])}")
    raise Diverged(steps_before + len(losses), f"a weight was {_kind(weights)}")


def _kind(values: Tensor) -> str:
    """Which of the two is in there; infinity, where both are: NaN comes from it."""
    return "infinite" if bool(torch.isinf(values).any()) else "NaN"


@torch.no_grad()
def accuracy(child: Child, split: Split) -> float:
    """The share of the targets in the child's examples of a split that its network gets right, in evaluation mode."""
    child.network.network.eval()
    targets_seen, right = 0, torch.zeros((), dtype=torch.int64, device=child.data.device)
    for inputs, targets in evaluation_batches(child, split):
        right += (child.logits(inputs).argmax(dim=1) == targets).sum()
        targets_seen += len(targets)
    return int(right) / targets_seen


def evaluation_batches(child: Child, split: Split) -> Iterator[tuple[Tensor, Tensor]]:
    """The child's examples of a split: inputs [n, …] and targets [targets]."""
    examples = child.examples(split)
    for start in range(0, examples, EVALUATION_BATCH):
        child.check_stop()
        yield child.data.batch(split, slice(start, min(start + EVALUATION_BATCH, examples)))
