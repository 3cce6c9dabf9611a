"""Batch norm, then 2×2 max pooling where asked, then ReLU, in as few passes over the planes as there can be.

torch reads and writes all planes for each of the three, and keeps them between. With this the paper's ConvNet takes
about half the time in float32 and a quarter with bfloat16 convolutions (benchmarks/RESULTS.md, Children).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

from engine.children.kernels import loops

TYPES = {torch.float32: torch.float32, torch.bfloat16: torch.float32, torch.float64: torch.float64}


@dataclass(frozen=True, slots=True)
class Averages:
    """The running mean and (unbiased) variance of each channel, [channels]; a training step moves them in place."""

    mean: Tensor
    variance: Tensor
    momentum: float = 0.1
    eps: float = 1e-5


def norm_pool_relu(
    planes: Tensor, gamma: Tensor, beta: Tensor, averages: Averages, pooled: bool, training: bool
) -> Tensor:
    """[n, channels, h, w] -> the same shape, or [n, channels, h // 2, w // 2]; numbers as torch's, NaN included.

    Where the compiled loops do not suit (another device than the CPU, a gradient in evaluation mode) torch does it.
    """
    if not _suits(planes, gamma, training):
        statistics = (averages.mean, averages.variance)
        normed = F.batch_norm(planes, *statistics, gamma, beta, training, averages.momentum, averages.eps)
        return F.relu(F.max_pool2d(normed, 2) if pooled else normed)
    if training:
        return _Trained.apply(planes, gamma, beta, averages, pooled)  # type: ignore[no-any-return,no-untyped-call]
    x, (inverse, factor, offset) = _channels_last(planes), gamma.new_empty(3, len(gamma)).detach().unbind()
    call(loops.normalise, averages.mean, averages.variance, gamma, beta, averages.eps, inverse, factor, offset)
    kept = _empty(x, pooled)
    call(loops.scale_and_pool if pooled else loops.scale, x, factor, offset, *(kept if pooled else kept[:1]))
    return kept[0].permute(0, 3, 1, 2)


def patches(images: Tensor) -> Tensor:
    """The 3 × 3 pixels around each, 0 outside: grey images [n, 1, h, w] on the CPU -> [n · h · w, 9]."""
    n, _, height, width = images.shape
    out = images.new_empty(n * height * width, 9)
    call(loops.patches, images.view(n, height, width), images.new_empty(height + 2, width + 2), out)
    return out


def _suits(planes: Tensor, gamma: Tensor, training: bool) -> bool:
    if planes.device.type != "cpu" or TYPES.get(planes.dtype) != gamma.dtype:
        return False
    if training:
        return True
    return not (torch.is_grad_enabled() and (planes.requires_grad or gamma.requires_grad))


@dataclass(frozen=True, slots=True)
class Trace:
    """What the way back needs of the way forward: the planes x [n, h, w, channels], and what ``loops`` wrote."""

    x: Tensor
    rows: Tensor
    kept: tuple[Tensor, ...]
    pooled: bool

    @property
    def out(self) -> Tensor:
        """[n, h, w, channels], or half as high and wide."""
        return self.kept[0]


def forward(x: Tensor, gamma: Tensor, beta: Tensor, averages: Averages, pooled: bool) -> Trace:
    """A training step on contiguous planes [n, h, w, channels] on the CPU; moves the averages.

    Raises:
        ValueError: there is one value a channel, which has no variance; in torch's words.
    """
    if x.numel() == len(gamma):
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {list(x.shape)}")
    trace = Trace(x, gamma.new_empty(5, len(gamma)), _empty(x, pooled), pooled)
    running = (_array(averages.mean), _array(averages.variance))
    kept, settings = tuple(_array(tensor) for tensor in trace.kept), (averages.momentum, averages.eps)
    loops.forward(_array(x), _array(gamma), _array(beta), running, *settings, _array(trace.rows), pooled, kept)
    return trace


def backward(d: Tensor, trace: Trace) -> tuple[Tensor, Tensor, Tensor]:
    """d in the shape of ``trace.out`` -> the gradients of the planes, of gamma and of beta."""
    dx, gradients = torch.empty_like(trace.x), torch.empty_like(trace.rows)
    kept = tuple(_array(tensor) for tensor in trace.kept)
    loops.backward(_array(d), _array(trace.x), kept, _array(trace.rows), trace.pooled, _array(gradients), _array(dx))
    return dx, gradients[1], gradients[0]


class _Trained(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, planes: Tensor, gamma: Tensor, beta: Tensor, averages: Averages, pooled: bool) -> Tensor:
        trace = forward(_channels_last(planes), gamma, beta, averages, pooled)
        ctx.save_for_backward(trace.x, trace.rows, *trace.kept)
        ctx.pooled = pooled
        return trace.out.permute(0, 3, 1, 2)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d: Tensor) -> tuple[Tensor | None, ...]:
        x, rows, *kept = ctx.saved_tensors
        dx, to_gamma, to_beta = backward(_channels_last(d), Trace(x, rows, tuple(kept), ctx.pooled))
        return dx.permute(0, 3, 1, 2), to_gamma, to_beta, None, None


def _empty(x: Tensor, pooled: bool) -> tuple[Tensor, Tensor, Tensor]:
    """For what comes of x [n, h, w, channels], which pixel it was and its x; without pooling the first alone."""
    n, height, width, channels = x.shape
    shape = (n, height // 2, width // 2, channels) if pooled else x.shape
    rest = shape if pooled else (0, 0, 0, 0)
    return x.new_empty(shape), x.new_empty(rest, dtype=torch.uint8), x.new_empty(rest)


def _channels_last(planes: Tensor) -> Tensor:
    """[n, channels, h, w] -> contiguous [n, h, w, channels], without a copy where it lies so already."""
    return planes.detach().permute(0, 2, 3, 1).contiguous()


def call(loop: Callable[..., None], *arguments: Any) -> None:
    """numba takes arrays, and bfloat16 as the integers that its bits are."""
    loop(*(_array(argument) if isinstance(argument, Tensor) else argument for argument in arguments))


def _array(tensor: Tensor) -> Any:
    tensor = tensor.detach()
    return (tensor.view(torch.uint16) if tensor.dtype == torch.bfloat16 else tensor).numpy()
