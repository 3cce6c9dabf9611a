"""The paper's child (section 5): 3×3 convolutions of 32 filters, each with batch norm and ReLU, then a linear layer."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

from engine.children.kernels.fused import Averages, norm_pool_relu
from engine.children.kernels.grey import convolve
from engine.children.networks.corrected_batch_norm import CorrectedBatchNorm2d
from engine.registry.networks import ConvNetSettings


class Block(nn.Module):
    """Convolution, batch norm, then ReLU and, where asked, 2×2 max pooling.

    ReLU and max pooling give the same values and gradients in either order; pooling first leaves ReLU a quarter of the
    work. On the CPU all three are one compiled loop.
    """

    def __init__(
        self, channels: int, filters: int, pooled: bool, norm: Callable[[int], nn.BatchNorm2d] = nn.BatchNorm2d
    ) -> None:
        super().__init__()
        # Batch norm takes the mean away again, so a bias would never act.
        self.convolution = nn.Conv2d(channels, filters, 3, padding=1, bias=False)
        self.norm = norm(filters)
        self.pooled = pooled

    def forward(self, images: Tensor) -> Tensor:
        """[n, channels, s, s] -> [n, filters, s or s // 2, …]"""
        norm = self.norm
        if norm.training:
            assert norm.num_batches_tracked is not None
            norm.num_batches_tracked.add_(1)
        planes = convolve(images, self.convolution.weight)
        return norm_pool_relu(planes, norm.weight, norm.bias, averages(norm), self.pooled, norm.training)


def averages(norm: nn.BatchNorm2d) -> Averages:
    """What a norm judges with, or in training what it moves."""
    assert norm.running_mean is not None
    assert norm.running_var is not None
    assert norm.momentum is not None
    if isinstance(norm, CorrectedBatchNorm2d) and not norm.training:
        return Averages(*norm.corrected(), norm.momentum, norm.eps)
    return Averages(norm.running_mean, norm.running_var, norm.momentum, norm.eps)


class ConvNet(nn.Module):
    def __init__(self, settings: ConvNetSettings, channels: int, size: int, classes: int) -> None:
        super().__init__()
        blocks = []
        self.filters = settings.filters
        for layer in range(settings.layers):
            # Small images run out of pixels to pool: then the remaining layers keep the size.
            pooled = size >= 2 and (settings.pooling == "each" or _is_last_pool(settings, layer))
            blocks.append(Block(channels, settings.filters, pooled))
            channels, size = settings.filters, size // 2 if pooled else size
        self.blocks = nn.Sequential(*blocks)
        self.averages = settings.pooling == "global"
        self.linear = nn.Linear(channels if self.averages else channels * size * size, classes)

    def forward(self, images: Tensor) -> Tensor:
        """float32 [n, channels, size, size] -> logits [n, classes]"""
        planes = self.blocks(images)  # [n, filters, s, s]
        features = planes.mean(dim=(2, 3)) if self.averages else planes.flatten(1)
        return self.linear(features)  # type: ignore[no-any-return]


def _is_last_pool(settings: ConvNetSettings, layer: int) -> bool:
    return settings.pooling == "last" and layer == settings.layers - 1


def build(settings: ConvNetSettings, *, channels: int, size: int, classes: int) -> ConvNet:
    return ConvNet(settings, channels, size, classes)
