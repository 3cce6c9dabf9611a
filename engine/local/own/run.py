"""One run: a fresh model of somebody's own trained with one rule at one learning rate."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import torch
from torch import Tensor, nn

from engine.children.protocol import RunPlan, diverged_reason
from engine.children.results import EpochPoint, Outcome, RunRecord, Stage
from engine.children.run import CHECK_STEPS, Diverged
from engine.errors import ChildError
from engine.language import Rule
from engine.local.own.batches import batches_of
from engine.local.own.calls import calling
from engine.local.own.randomness import seeded
from engine.local.own.task import OwnTask, parameters_of
from engine.optim import RuleOptimizer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OwnChild:
    """What the runs of a child share; ``check_stop`` raises ChildStopped."""

    task: OwnTask
    rule: Rule
    seed: int
    check_stop: Callable[[], None]


def train_run(child: OwnChild, stage: Stage, learning_rate: float, plan: RunPlan) -> RunRecord:
    """Trains from fresh weights and says how it ended; everything random comes from the child's seed."""
    started = time.perf_counter()
    curve: list[EpochPoint] = []

    def record(outcome: Outcome, reason: str) -> RunRecord:
        return RunRecord(stage, learning_rate, outcome, reason, time.perf_counter() - started, tuple(curve))

    try:
        with seeded(child.seed, child.task.device, child.task.loader):
            for epoch, (loss, score) in enumerate(_epochs(child, learning_rate, plan), start=1):
                curve.append(EpochPoint(epoch * plan.share, loss, score))
                if epoch == 1 and score < plan.floor:
                    return record(
                        "dropped", f"Dropped: score {score:.4g} after the first epoch is below {plan.floor:g}."
                    )
    except Diverged as error:
        return record("diverged", diverged_reason(error.step, error.what, plan))
    return record("trained", f"Score {curve[-1].validation_accuracy:.4g} at the end.")


def _epochs(child: OwnChild, learning_rate: float, plan: RunPlan) -> Iterator[tuple[float, float]]:
    """Trains one epoch for each item asked for; yields its mean training loss and the score. Raises Diverged."""
    model = child.task.model()
    optimizer = RuleOptimizer(
        parameters_of(model), child.rule, lr=learning_rate, total_steps=plan.total_steps, seed=child.seed
    )
    for epoch in range(plan.epochs):
        model.train()
        loss = _train_epoch(child, model, optimizer, plan, epoch * plan.steps)
        score = _with(model, child, (epoch + 1) * plan.steps, child.task.judge)
        if not math.isfinite(score):
            raise Diverged((epoch + 1) * plan.steps, f"the score was {score}")
        yield loss, score


def _train_epoch(child: OwnChild, model: nn.Module, optimizer: RuleOptimizer, plan: RunPlan, before: int) -> float:
    """Mean loss of the epoch; ``before`` steps were made earlier."""
    losses: list[Tensor] = []
    for batch in batches_of(child.task.loader, "train_loader", child.task.device, plan.steps):
        child.check_stop()
        loss = _with(model, child, before + len(losses) + 1, partial(child.task.batch_loss, batch=batch))
        optimizer.zero_grad()
        with calling("The loss's backward()"):
            loss.backward()
        optimizer.step()
        losses.append(loss.detach())
        if len(losses) % CHECK_STEPS == 0:
            _check_finite(model, losses[-CHECK_STEPS:], before + len(losses))
    if not losses:
        raise ChildError("train_loader gave no batch.")
    _check_finite(model, losses[-CHECK_STEPS:], before + len(losses))
    return float(torch.stack(losses).float().mean())


def _with(model: nn.Module, child: OwnChild, step: int, call: Callable[[nn.Module], T]) -> T:
    """Many a loss refuses odd numbers. Where a fresh model passes, the rule's weights are at fault: it diverged."""
    try:
        return call(model)
    except ChildError as error:
        call(child.task.model())  # raises where the code is at fault
        raise Diverged(step, f"the weights were refused ({str(error).rstrip('.')})") from None


def _check_finite(model: nn.Module, losses: list[Tensor], step: int) -> None:
    if not bool(torch.isfinite(torch.stack(losses)).all()):
        raise Diverged(step, "the loss was not finite")
    if not _is_finite(model):
        raise Diverged(step, "a weight was not finite")


def _is_finite(model: nn.Module) -> bool:
    """Whether every weight is; one number is read from the device."""
    with torch.no_grad():
        return bool(torch.stack([torch.isfinite(weights).all() for weights in model.parameters()]).all())
