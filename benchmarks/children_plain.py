"""The loop that a careful user of torch would write for the paper's child: the yardstick of `benchmarks/children.py`.

One child and one learning rate after the other, float32, normalised float tensors in memory, a DataLoader,
modules as they come, training and evaluation mode, no gradients in evaluation. It stops a run when its loss is not
finite. The rule is a torch optimizer over the network's parameters (lists of tensors, as torch's own optimizers).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from engine.children import datasets
from engine.optim import RuleOptimizer
from engine.registry import Protocol

CHECK_STEPS = 32

load = cache(datasets.load)


@dataclass
class Plain:
    """Everything of one child; ``loader`` False slices batches by index, without a DataLoader."""

    rule: str
    dataset: str
    protocol: Protocol
    seed: int
    loader: bool = True

    def __post_init__(self) -> None:
        data, protocol = load(self.dataset), self.protocol
        self.shape = data.shape
        train, validation = (
            data.batch(split, slice(count or data.count(split)))
            for split, count in (("train", protocol.train_examples), ("validation", protocol.validation_examples))
        )
        self.train, self.validation = ([x.contiguous(), y] for x, y in (train, validation))
        self.order = torch.Generator().manual_seed(self.seed)

    def fresh(self) -> nn.Module:
        torch.manual_seed(self.seed)
        channels, features = self.shape["channels"], 32 * (self.shape["size"] // 4) ** 2
        return nn.Sequential(*block(channels), *block(32), nn.Flatten(), nn.Linear(features, self.shape["classes"]))

    def optimizer(self, network: nn.Module, learning_rate: float, total_steps: int) -> torch.optim.Optimizer:
        return RuleOptimizer(network.parameters(), self.rule, learning_rate, total_steps=total_steps, seed=self.seed)

    def batches(self) -> Iterator[list[Tensor]]:
        size = self.protocol.batch_size
        if self.loader:
            yield from DataLoader(TensorDataset(*self.train), size, shuffle=True, drop_last=True, generator=self.order)
            return
        for which in torch.randperm(len(self.train[0]), generator=self.order).split(size):
            if len(which) == size:
                yield [part[which] for part in self.train]

    def steps(self, network: nn.Module, optimizer: torch.optim.Optimizer, count: int) -> float:
        """Trains so many steps, at most one epoch; the mean loss, not finite where it diverged."""
        network.train()
        losses: list[Tensor] = []
        for images, labels in self.batches():
            optimizer.zero_grad()
            loss = F.cross_entropy(network(images), labels)
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
            if len(losses) % CHECK_STEPS == 0 and not math.isfinite(losses[-1]):
                break
            if len(losses) == count:
                break
        return float(torch.stack(losses).mean())

    @torch.no_grad()
    def accuracy(self, network: nn.Module, examples: int | None = None) -> float:
        network.eval()
        images, labels = (part[:examples] for part in self.validation)
        right = sum(
            int((network(x).argmax(1) == y).sum()) for x, y in zip(images.split(250), labels.split(250), strict=True)
        )
        return right / len(labels)

    def train_child(self) -> float:
        """The reward."""
        protocol, tried = self.protocol, {}
        epoch = len(self.train[0]) // protocol.batch_size
        sweep = min(protocol.sweep_examples // protocol.batch_size, epoch)
        for rate in protocol.learning_rates:
            network = self.fresh()
            loss = self.steps(network, self.optimizer(network, rate, sweep), sweep)
            if math.isfinite(loss):
                tried[rate] = (self.accuracy(network), -loss)
        if not tried:
            return 0.0
        network = self.fresh()
        optimizer = self.optimizer(network, max(tried, key=tried.__getitem__), epoch * protocol.epochs)
        reward = 0.0
        for number in range(protocol.epochs):
            if not math.isfinite(self.steps(network, optimizer, epoch)):
                return 0.0
            reward = self.accuracy(network)
            if number == 0 and reward < protocol.first_epoch_floor:
                break
        return reward


def block(channels: int) -> list[nn.Module]:
    return [nn.Conv2d(channels, 32, 3, padding=1, bias=False), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2)]
