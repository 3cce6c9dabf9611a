"""Batches of any loader: how many there are, on which device, and what a classifier makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.errors import ChildError, SettingsError
from engine.local.own.calls import calling


def to_device(batch: Any, device: torch.device) -> Any:
    """The same tuples, lists and dicts with their tensors on the device; what is no tensor stays as it is."""
    if isinstance(batch, Tensor):
        return batch.to(device)
    if isinstance(batch, Mapping):
        return {key: to_device(value, device) for key, value in batch.items()}
    if isinstance(batch, tuple) and hasattr(batch, "_fields"):
        return type(batch)(*(to_device(value, device) for value in batch))
    if isinstance(batch, list | tuple):
        return type(batch)(to_device(value, device) for value in batch)
    return batch


def batches_of(loader: Iterable[Any], name: str, device: torch.device, limit: int | None = None) -> Iterator[Any]:
    """One pass over a loader, of at most ``limit`` batches. What the loader raises becomes a ChildError."""
    with calling(name):
        iterator = iter(loader)
    taken = 0
    while limit is None or taken < limit:
        with calling(name):
            try:
                batch = next(iterator)
            except StopIteration:
                return
        taken += 1
        yield to_device(batch, device)


def check_loader(loader: Iterable[Any], name: str) -> None:
    """
    Raises:
        SettingsError: it is no loader, or one that can be passed over only once.
    """
    if not isinstance(loader, Iterable) and not hasattr(loader, "__getitem__"):
        raise SettingsError(f"{name} is no iterable of batches: {type(loader).__name__}.")
    if isinstance(loader, Iterator):
        raise SettingsError(f"{name} can be passed over only once; give a DataLoader, or a list of its batches.")


def count(loader: Iterable[Any], name: str) -> int:
    """Batches of one pass; a loader without a length is passed over once to count them.

    Raises:
        SettingsError: there is none.
    """
    try:
        number = len(loader)  # type: ignore[arg-type]
    except TypeError:
        number = sum(1 for _ in batches_of(loader, name, torch.device("cpu")))
    if number < 1:
        raise SettingsError(f"{name} gives no batch.")
    return number


def cross_entropy(model: nn.Module, batch: Any) -> Tensor:
    """The loss of a classifier: (inputs [n, …], targets [n]) -> mean cross entropy, nats."""
    inputs, targets = _pair(batch)
    return F.cross_entropy(model(inputs), targets)


class Accuracy:
    """The share of a validation loader's targets that a model gets right."""

    def __init__(self, loader: Iterable[Any], device: torch.device) -> None:
        self.loader, self.device = loader, device

    def __call__(self, model: nn.Module) -> float:
        right, seen = torch.zeros((), dtype=torch.int64, device=self.device), 0
        for batch in batches_of(self.loader, "validation_loader", self.device):
            inputs, targets = _pair(batch)
            guesses = model(inputs).argmax(dim=1)  # [n, classes, …] -> [n, …]
            if guesses.shape != targets.shape or targets.is_floating_point():
                raise ChildError("Accuracy needs outputs [n, classes] and whole-number targets [n]; give score=….")
            right += (guesses == targets).sum()
            seen += targets.numel()
        if seen == 0:
            raise ChildError("validation_loader gives no batch.")
        return int(right) / seen


def _pair(batch: Any) -> tuple[Any, Tensor]:
    if not isinstance(batch, list | tuple) or len(batch) != 2 or not isinstance(batch[1], Tensor):
        raise ChildError(
            f"A batch is {type(batch).__name__}, not a pair (inputs, targets) of tensors; give loss=… and score=…."
        )
    return batch[0], batch[1]
