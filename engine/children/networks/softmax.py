"""Softmax regression: one linear layer on the pixels, a convex problem."""

from __future__ import annotations

from torch import nn

from engine.registry import NoSettings


def build(settings: NoSettings, *, channels: int, size: int, classes: int) -> nn.Sequential:
    """float32 [n, channels, size, size] -> logits [n, classes]"""
    return nn.Sequential(nn.Flatten(), nn.Linear(channels * size * size, classes))
