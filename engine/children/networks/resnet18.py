"""ResNet-18 (He et al. 2016, arXiv 1512.03385) as torchvision builds it, with a first layer that fits the images."""

from __future__ import annotations

from typing import cast

from torch import nn

from engine.children.networks.corrected_batch_norm import CorrectedBatchNorm2d
from engine.children.torchvision_import import import_torchvision
from engine.registry.networks import ResNet18Settings

SMALL_SIZE = 64  # pixels up to which images keep their size in the first layer; ImageNet's have 224
FILTERS = 64  # of the first layer


def build(settings: ResNet18Settings, *, channels: int, size: int, classes: int) -> nn.Module:
    """float32 [n, channels, size, size] -> logits [n, classes]. Raises EngineError where torchvision does not work."""
    resnet18 = import_torchvision("models").resnet18
    network = cast(nn.Module, resnet18(weights=None, num_classes=classes, norm_layer=CorrectedBatchNorm2d))
    if settings.stem == "small" or (settings.stem == "auto" and size <= SMALL_SIZE):
        network.conv1 = _first_layer(channels, kernel=3, stride=1)
        network.maxpool = nn.Identity()
    elif channels != 3:
        network.conv1 = _first_layer(channels, kernel=7, stride=2)
    return network


def _first_layer(channels: int, kernel: int, stride: int) -> nn.Conv2d:
    """Drawn as torchvision draws every other convolution of the network."""
    layer = nn.Conv2d(channels, FILTERS, kernel, stride, padding=kernel // 2, bias=False)
    nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    return layer
