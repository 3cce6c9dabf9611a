"""The first layer on grey images as one product of matrices: torch's convolutions make little of one channel.

Digits, seven members (224 filters), batch 100, bfloat16, one core of an Intel Xeon (Sapphire Rapids), best of 40: 0.16
instead of 1.12 ms forward, 0.25 instead of 1.12 ms back. With three channels the convolution is as fast.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.children.kernels.fused import patches


def convolve(images: Tensor, kernel: Tensor, groups: int = 1) -> Tensor:
    """3 × 3 with a border of 0: images [n, channels, h, w], kernel [filters, channels of a group, 3, 3]."""
    n, channels, height, width = images.shape
    if channels != 1 or images.device.type != "cpu" or images.requires_grad:
        return F.conv2d(images, kernel, padding=1, groups=groups)
    if torch.is_autocast_enabled("cpu"):
        images = images.to(torch.get_autocast_dtype("cpu"))
    planes = patches(images) @ kernel.reshape(len(kernel), 9).t()
    return planes.view(n, height, width, -1).permute(0, 3, 1, 2)
