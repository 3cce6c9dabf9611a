"""Networks that compute for all members of a population at once, from one matrix of weights [members, parameters].

A row of the matrix is what FlatNetwork holds for one member, in its order. Images are the same for all members, so the
first layer is one convolution with members × filters; the next have a group of filters for each member, and linear
layers are products of batches of matrices. No number of one member ever meets one of another.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.children.kernels.fused import Averages, norm_pool_relu
from engine.children.kernels.grey import convolve
from engine.children.networks.convnet import Block, ConvNet, averages

Stack = Callable[[Tensor, Tensor, bool], Tensor]
"""(weights [members, parameters], inputs [n, …], training) -> logits [members, n, classes]"""


def stack(network: nn.Module, members: int, dtype: torch.dtype) -> Stack | None:
    """The network for so many members, its layers computing in ``dtype``; None where this kind cannot be stacked."""
    if isinstance(network, ConvNet):
        return StackedConvNet(network, members, dtype)
    if isinstance(network, nn.Sequential) and all(isinstance(layer, SEQUENTIAL) for layer in network):
        return StackedLinears(network, dtype)
    return None


SEQUENTIAL = (nn.Flatten, nn.Linear, nn.ReLU)


class StackedConvNet:
    """Every member starts with the running averages that the network has; a training step moves them."""

    def __init__(self, network: ConvNet, members: int, dtype: torch.dtype) -> None:
        self.network, self.members, self.dtype = network, members, dtype
        self._sizes = [p.numel() for p in network.parameters()]
        self._blocks = [block for block in network.blocks if isinstance(block, Block)]
        self.averages = [_repeated(averages(block.norm), members) for block in self._blocks]

    def __call__(self, weights: Tensor, images: Tensor, training: bool) -> Tensor:
        pieces = iter(weights.split(self._sizes, dim=1))
        planes = images.to(self.dtype)  # [n, channels, s, s], then [n, members · filters, …]
        for number, (block, moving) in enumerate(zip(self._blocks, self.averages, strict=True)):
            kernel = _kernel(next(pieces).to(self.dtype), block.convolution)
            planes = convolve(planes, kernel, groups=self.members if number else 1)
            gamma, beta = next(pieces).reshape(-1), next(pieces).reshape(-1)
            planes = norm_pool_relu(planes, gamma, beta, moving, block.pooled, training)
        features = planes.mean(dim=(2, 3)) if self.network.averages else planes
        by_member = features.reshape(len(images), self.members, -1).transpose(0, 1)
        return linear(by_member, next(pieces), next(pieces), self.dtype).float()


class StackedLinears:
    def __init__(self, network: nn.Sequential, dtype: torch.dtype) -> None:
        self.network, self.dtype = network, dtype
        self._sizes = [p.numel() for p in network.parameters()]

    def __call__(self, weights: Tensor, images: Tensor, training: bool) -> Tensor:
        pieces = iter(weights.split(self._sizes, dim=1))
        x = images.flatten(1).to(self.dtype).expand(len(weights), -1, -1)
        for layer in self.network:
            if isinstance(layer, nn.Linear):
                x = linear(x, next(pieces), next(pieces), self.dtype)
            elif isinstance(layer, nn.ReLU):
                x = F.relu(x)
        return x.float()


def linear(x: Tensor, weight: Tensor, bias: Tensor, dtype: torch.dtype) -> Tensor:
    """x [members, n, inputs], weight [members, outputs · inputs], bias [members, outputs] -> [members, n, outputs]"""
    matrix = weight.to(dtype).unflatten(1, (-1, x.shape[2]))
    return torch.baddbmm(bias.to(dtype).unsqueeze(1), x, matrix.transpose(1, 2))


def _kernel(weight: Tensor, convolution: nn.Conv2d) -> Tensor:
    """[members, numbers] -> [members · filters, inputs, k, k], channels last in memory as in FlatNetwork."""
    k = convolution.kernel_size[0]
    return weight.reshape(-1, k, k, convolution.in_channels).permute(0, 3, 1, 2)


def _repeated(start: Averages, members: int) -> Averages:
    return Averages(start.mean.repeat(members), start.variance.repeat(members), start.momentum, start.eps)
