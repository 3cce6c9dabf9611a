"""What somebody gives to be trained, checked once before a search begins."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from engine.errors import ChildError, SettingsError
from engine.local.own.batches import Accuracy, batches_of, check_loader, count, cross_entropy
from engine.local.own.calls import calling
from engine.local.own.randomness import seeded
from engine.optim import RuleOptimizer

MakeModel = Callable[[], nn.Module]
Loss = Callable[[nn.Module, Any], Tensor]
Score = Callable[[nn.Module], float]


@dataclass(frozen=True, slots=True)
class OwnTask:
    """A model, its data, its loss and its score.

    Attributes:
        steps: batches of one epoch.
        score: higher is better; any range.
    """

    make_model: MakeModel
    loader: Iterable[Any]
    loss: Loss
    score: Score
    device: torch.device
    steps: int

    @property
    def is_accuracy(self) -> bool:
        return isinstance(self.score, Accuracy)

    def model(self) -> nn.Module:
        """A fresh model on the device. Raises ChildError."""
        with calling("make_model"):
            model = self.make_model()
        if not isinstance(model, nn.Module):
            raise ChildError(f"make_model gave {type(model).__name__}, not a torch.nn.Module.")
        return model.to(self.device)

    def batch_loss(self, model: nn.Module, batch: Any) -> Tensor:
        """A scalar to minimise. Raises ChildError."""
        with calling("The loss"):
            loss = self.loss(model, batch)
        if not isinstance(loss, Tensor) or loss.numel() != 1:
            shape = tuple(loss.shape) if isinstance(loss, Tensor) else type(loss).__name__
            raise ChildError(f"The loss is {shape}, not a tensor with one number.")
        return loss.reshape(())

    def judge(self, model: nn.Module) -> float:
        """The score of a model, in evaluation mode and without gradients; may be infinite or no number."""
        model.eval()
        with torch.no_grad(), calling("The score"):
            score = float(self.score(model))
        model.train()
        return score


def own_task(
    make_model: MakeModel,
    train_loader: Iterable[Any],
    validation_loader: Iterable[Any] | None,
    loss: Loss | None,
    score: Score | None,
    device: torch.device,
) -> OwnTask:
    """
    Raises:
        SettingsError: one of them is not what it has to be.
    """
    if isinstance(make_model, nn.Module) or not callable(make_model):
        raise SettingsError("make_model is a function that builds a fresh model, such as lambda: Net(); give that.")
    check_loader(train_loader, "train_loader")
    if score is None:
        if validation_loader is None:
            raise SettingsError("Give validation_loader, or score=…, a function of the model; higher is better.")
        check_loader(validation_loader, "validation_loader")
        score = Accuracy(validation_loader, device)
    steps = count(train_loader, "train_loader")
    return OwnTask(make_model, train_loader, loss or cross_entropy, score, device, steps)


def parameters_of(model: nn.Module) -> list[nn.Parameter]:
    """Those that are trained. Raises ChildError where there is none."""
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    if not parameters:
        raise ChildError("The model of make_model has no parameter to train.")
    return parameters


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What one step showed: the name and size of the model, and what it scores untrained."""

    model: str
    parameters: int
    untrained: float


def rehearse(task: OwnTask, seed: int) -> Rehearsal:
    """One step of plain gradient descent, before any child is trained, so that mistakes show at once.

    Raises:
        ChildError: what does not work, with the error of the user's own code as its cause.
    """
    with seeded(seed, task.device, task.loader):
        model = task.model()
        _check_fresh(model, task.model())
        optimizer = RuleOptimizer(parameters_of(model), "g", lr=0.0)
        untrained = task.judge(model)
        if not math.isfinite(untrained):
            raise ChildError(f"The score of an untrained model is {untrained}; it has to be a finite number.")
        batch = next(batches_of(task.loader, "train_loader", task.device, limit=1))
        loss = task.batch_loss(model, batch)
        with calling("The loss's backward()"):
            loss.backward()
        with calling("A step of the optimizer"):
            optimizer.step()
    size = sum(parameter.numel() for parameter in model.parameters())
    return Rehearsal(type(model).__name__, size, untrained)


def _check_fresh(model: nn.Module, other: nn.Module) -> None:
    """Weights that two models share would go from one training into the next, and one bad rate would ruin all.

    Raises:
        ChildError: they share a parameter that is trained, or a buffer.
    """
    if other is model:
        raise ChildError("make_model gave the same model twice; let it build a new one at each call.")
    known = {id(tensor) for tensor in _changing(model)}
    if any(id(tensor) in known for tensor in _changing(other)):
        raise ChildError(
            "Two models of make_model share trained weights or buffers; let it build new ones at each call, "
            "for example with copy.deepcopy(backbone)."
        )


def _changing(model: nn.Module) -> list[Tensor]:
    """What a training may change; frozen weights may be shared."""
    return [*(p for p in model.parameters() if p.requires_grad), *model.buffers()]
