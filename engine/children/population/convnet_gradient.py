"""A training step's losses and gradient of the paper's ConvNet on a CPU, written out: autograd costs small images half.

The same numbers as autograd's through ``stacks.StackedConvNet``; a test holds it to them.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from engine.children.kernels import fused, loops
from engine.children.kernels.fused import Averages
from engine.children.networks.convnet import Block, ConvNet, averages

SAME = ([1, 1], [1, 1], [1, 1], False, [0, 0])  # stride, border, spacing, transposed, its border


@dataclass(frozen=True, slots=True)
class _Layer:
    """What a block's way back needs: its input (or the patches of a first layer on grey images), kernel and trace."""

    inputs: Tensor
    kernel: Tensor
    trace: fused.Trace


def written_out(
    network: nn.Module, device: torch.device, members: int, dtype: torch.dtype, moving: list[Averages] | None = None
) -> ConvNetGradient | None:
    """None where autograd does it: other networks, other devices. Arguments as of ``ConvNetGradient``."""
    if not isinstance(network, ConvNet) or device.type != "cpu":
        return None
    return ConvNetGradient(network, members, dtype, moving)


class ConvNetGradient:
    """Of all members of a population at once.

    Args:
        moving: the running averages of each block, [members · filters]; None: the network's own, of one member.
        dtype: the type that layers compute in.
    """

    def __init__(
        self, network: ConvNet, members: int, dtype: torch.dtype, moving: list[Averages] | None = None
    ) -> None:
        self.network, self.members, self.dtype = network, members, dtype
        self._blocks = [block for block in network.blocks if isinstance(block, Block)]
        self._averages = moving or [averages(block.norm) for block in self._blocks]
        self._sizes = [p.numel() for p in network.parameters()]

    @torch.no_grad()
    def __call__(self, weights: Tensor, gradient: Tensor, images: Tensor, targets: Tensor) -> Tensor:
        """weights [members, parameters], images [n, channels, s, s], targets [n] -> losses [members].

        Writes the gradient [members, parameters] of their sum.
        """
        exact, halves = weights.split(self._sizes, 1), weights.to(self.dtype).split(self._sizes, 1)
        layers = self._forward(exact, halves, images.to(self.dtype))
        gradients = gradient.split(self._sizes, 1)
        losses, d = self._head(halves, gradients, layers[-1].trace.out, targets)
        self._backward(gradients, layers, d)
        return losses

    def _forward(self, exact: tuple[Tensor, ...], halves: tuple[Tensor, ...], images: Tensor) -> list[_Layer]:
        inputs, layers = images, []
        for number, (block, moving) in enumerate(zip(self._blocks, self._averages, strict=True)):
            _, channels, height, width = inputs.shape
            kernel = halves[3 * number].reshape(-1, 3, 3, block.convolution.in_channels)  # [members · filters, …]
            if number == 0 and channels == 1:
                inputs, kernel = fused.patches(inputs), kernel.view(-1, 9)
                planes = torch.mm(inputs, kernel.t()).view(-1, height, width, len(kernel))
            else:
                kernel = kernel.permute(0, 3, 1, 2)
                planes = torch.conv2d(inputs, kernel, padding=1, groups=self._groups(number))
                planes = planes.permute(0, 2, 3, 1).contiguous()
            gamma, beta = exact[3 * number + 1].reshape(-1), exact[3 * number + 2].reshape(-1)
            layers.append(_Layer(inputs, kernel, fused.forward(planes, gamma, beta, moving, block.pooled)))
            inputs = layers[-1].trace.out.permute(0, 3, 1, 2)
        return layers

    def _head(
        self, halves: tuple[Tensor, ...], gradients: tuple[Tensor, ...], out: Tensor, targets: Tensor
    ) -> tuple[Tensor, Tensor]:
        """The linear layer and the loss, both ways: losses, and the gradient of ``out`` [n, s, s, channels]."""
        n, height, width, channels = out.shape
        planes = out.permute(0, 3, 1, 2)
        features = planes.mean(dim=(2, 3)) if self.network.averages else planes
        x = features.reshape(n, self.members, -1).transpose(0, 1)  # [members, n, features]
        matrix = halves[-2].unflatten(1, (-1, x.shape[2]))  # [members, classes, features]
        logits = torch.baddbmm(halves[-1].unsqueeze(1), x, matrix.transpose(1, 2))
        losses, d = gradients[-1].new_empty(self.members), torch.empty_like(logits)
        fused.call(loops.cross_entropy, logits, targets, losses, d, gradients[-1])
        gradients[-2].copy_(torch.bmm(d.transpose(1, 2), x).flatten(1))
        back = torch.bmm(d, matrix).transpose(0, 1)  # [n, members, features]
        if self.network.averages:
            back = (back / (height * width)).reshape(n, 1, 1, channels)
            return losses, back.expand(out.shape).contiguous()
        return losses, back.reshape(n, channels, height, width).permute(0, 2, 3, 1).contiguous()

    def _backward(self, gradients: tuple[Tensor, ...], layers: list[_Layer], d: Tensor) -> None:
        """d is the gradient of the last block's output [n, s, s, members · filters]."""
        for number, layer in reversed(list(enumerate(layers))):
            to_planes, to_gamma, to_beta = fused.backward(d, layer.trace)
            if layer.kernel.dim() == 2:
                to_kernel = torch.mm(layer.inputs.t(), to_planes.view(-1, len(layer.kernel))).t()
            else:
                wanted = [number > 0, True, False]
                to_inputs, to_kernel, _ = torch.ops.aten.convolution_backward(
                    to_planes.permute(0, 3, 1, 2), layer.inputs, layer.kernel, None, *SAME, self._groups(number), wanted
                )
                to_kernel = to_kernel.permute(0, 2, 3, 1)
                d = to_inputs.permute(0, 2, 3, 1).contiguous() if number else d
            found = (to_kernel, to_gamma, to_beta)
            for place, value in zip(gradients[3 * number : 3 * number + 3], found, strict=True):
                place.copy_(value.reshape(self.members, -1))

    def _groups(self, number: int) -> int:
        """Of a block's convolution: the first one's images are every member's."""
        return self.members if number else 1
