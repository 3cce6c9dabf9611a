"""Wide ResNet (Zagoruyko and Komodakis 2016, arXiv 1605.07146): WRN-depth-width, without dropout.

Three groups of n residual blocks, depth = 6·n + 4; norm and ReLU come before each convolution. Weights are drawn as in
the authors' code: He et al.'s normal distribution, by fan-in for convolutions.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from engine.children.networks.corrected_batch_norm import CorrectedBatchNorm2d
from engine.registry.networks import WideResNetSettings

STEM_FILTERS = 16
GROUP_STRIDES = (1, 2, 2)


class Block(nn.Module):
    """Two times norm, ReLU, 3×3 convolution, beside a shortcut: a 1×1 convolution where the shape changes."""

    def __init__(self, channels: int, filters: int, stride: int) -> None:
        super().__init__()
        self.norm1 = CorrectedBatchNorm2d(channels)
        self.convolution1 = nn.Conv2d(channels, filters, 3, stride, padding=1, bias=False)
        self.norm2 = CorrectedBatchNorm2d(filters)
        self.convolution2 = nn.Conv2d(filters, filters, 3, padding=1, bias=False)
        changes = stride != 1 or channels != filters
        self.shortcut = nn.Conv2d(channels, filters, 1, stride, bias=False) if changes else None

    def forward(self, planes: Tensor) -> Tensor:
        """[n, channels, s, s] -> [n, filters, ⌈s / stride⌉, …]"""
        active = F.relu(self.norm1(planes))
        # Where the shape changes, the shortcut starts after the first activation, as in the authors' code.
        around = planes if self.shortcut is None else self.shortcut(active)
        through = self.convolution2(F.relu(self.norm2(self.convolution1(active))))
        return through + around  # type: ignore[no-any-return]


class WideResNet(nn.Module):
    def __init__(self, settings: WideResNetSettings, channels: int, classes: int) -> None:
        super().__init__()
        self.stem = nn.Conv2d(channels, STEM_FILTERS, 3, padding=1, bias=False)
        blocks, inside = [], STEM_FILTERS
        for group, stride in enumerate(GROUP_STRIDES):
            filters = STEM_FILTERS * settings.width * 2**group
            for position in range((settings.depth - 4) // 6):
                blocks.append(Block(inside, filters, stride if position == 0 else 1))
                inside = filters
        self.blocks = nn.Sequential(*blocks)
        self.norm = CorrectedBatchNorm2d(inside)
        self.linear = nn.Linear(inside, classes)
        self.apply(_draw)

    def forward(self, images: Tensor) -> Tensor:
        """float32 [n, channels, size, size] -> logits [n, classes]"""
        planes = F.relu(self.norm(self.blocks(self.stem(images))))  # [n, 64·width, size / 4, …]
        return self.linear(planes.mean(dim=(2, 3)))  # type: ignore[no-any-return]


def _draw(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_in", nonlinearity="relu")


def build(settings: WideResNetSettings, *, channels: int, size: int, classes: int) -> WideResNet:
    return WideResNet(settings, channels, classes)
