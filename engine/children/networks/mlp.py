"""A multilayer perceptron: hidden layers with ReLU, then a linear layer. Quick, for first looks at a rule."""

from __future__ import annotations

from torch import nn

from engine.registry.networks import MlpSettings


def build(settings: MlpSettings, *, channels: int, size: int, classes: int) -> nn.Sequential:
    """float32 [n, channels, size, size] -> logits [n, classes]"""
    layers: list[nn.Module] = [nn.Flatten()]
    width = channels * size * size
    for _ in range(settings.layers):
        layers += [nn.Linear(width, settings.hidden), nn.ReLU()]
        width = settings.hidden
    return nn.Sequential(*layers, nn.Linear(width, classes))
