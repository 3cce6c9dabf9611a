"""A deeper ConvNet in the manner of VGG (Simonyan and Zisserman 2015, with batch norm): blocks that double the filters.

The paper's child has two convolutions; this one tells whether a rule still works with six, at four times the filters.
"""

from __future__ import annotations

from torch import Tensor, nn

from engine.children.networks.convnet import Block
from engine.children.networks.corrected_batch_norm import CorrectedBatchNorm2d
from engine.registry.networks import DeepConvNetSettings


class DeepConvNet(nn.Module):
    def __init__(self, settings: DeepConvNetSettings, channels: int, size: int, classes: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for block in range(settings.blocks):
            filters = settings.filters * 2**block
            for layer in range(settings.layers):
                # Small images run out of pixels to pool: then the remaining blocks keep the size.
                pooled = size >= 2 and layer == settings.layers - 1
                layers.append(Block(channels, filters, pooled, CorrectedBatchNorm2d))
                channels, size = filters, size // 2 if pooled else size
        self.blocks = nn.Sequential(*layers)
        self.linear = nn.Linear(channels, classes)

    def forward(self, images: Tensor) -> Tensor:
        """float32 [n, channels, size, size] -> logits [n, classes]"""
        planes = self.blocks(images)  # [n, filters, s, s]
        return self.linear(planes.mean(dim=(2, 3)))  # type: ignore[no-any-return]


def build(settings: DeepConvNetSettings, *, channels: int, size: int, classes: int) -> DeepConvNet:
    return DeepConvNet(settings, channels, size, classes)
