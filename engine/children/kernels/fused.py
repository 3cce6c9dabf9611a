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
    _call(loops.normalise, averages.mean, averages.variance, gamma, beta, averages.eps, inverse, factor, offset)
    return _scaled(x, factor, offset, pooled)[0].permute(0, 3, 1, 2)


def _suits(planes: Tensor, gamma: Tensor, training: bool) -> bool:
    if planes.device.type != "cpu" or TYPES.get(planes.dtype) != gamma.dtype:
        return False
    if training:  # torch refuses to train with one value a channel, in words of its own.
        return planes.numel() > planes.shape[1]
    return not (torch.is_grad_enabled() and (planes.requires_grad or gamma.requires_grad))


class _Trained(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, planes: Tensor, gamma: Tensor, beta: Tensor, averages: Averages, pooled: bool) -> Tensor:
        x = _channels_last(planes)
        mean, variance, inverse, factor, offset = gamma.new_empty(5, len(gamma)).unbind()
        rows = x.view(-1, len(gamma))
        _call(loops.moments, rows, mean, variance)
        _call(loops.follow, mean, variance, len(rows), averages.momentum, averages.mean, averages.variance)
        _call(loops.normalise, mean, variance, gamma, beta, averages.eps, inverse, factor, offset)
        out, chosen, values = _scaled(x, factor, offset, pooled)
        ctx.save_for_backward(x, out, chosen, values, mean, inverse, factor)
        ctx.pooled = pooled
        return out.permute(0, 3, 1, 2)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d: Tensor) -> tuple[Tensor | None, ...]:
        x, out, chosen, values, mean, inverse, factor = ctx.saved_tensors
        d, dx = _channels_last(d), torch.empty_like(x)
        to_beta, to_centred, to_gamma, k0, k1 = mean.new_empty(5, len(mean)).unbind()
        _call(loops.sums, d, values, out, mean, to_beta, to_centred)
        _call(loops.slopes, x.numel() // len(mean), inverse, factor, to_beta, to_centred, to_gamma, k0, k1)
        back, kept = (loops.unpool, chosen) if ctx.pooled else (loops.unscale, out)
        _call(back, d, x, kept, mean, factor, k0, k1, dx)
        return dx.permute(0, 3, 1, 2), to_gamma, to_beta, None, None


def _scaled(x: Tensor, factor: Tensor, offset: Tensor, pooled: bool) -> tuple[Tensor, Tensor, Tensor]:
    """What comes of x [n, h, w, channels], which pixel it was, and the x of that pixel; without pooling x itself."""
    if not pooled:
        out = torch.empty_like(x)
        _call(loops.scale, x, factor, offset, out)
        return out, out, x
    n, height, width, channels = x.shape
    out = x.new_empty(n, height // 2, width // 2, channels)
    chosen, values = torch.empty_like(out, dtype=torch.uint8), torch.empty_like(out)
    _call(loops.scale_and_pool, x, factor, offset, out, chosen, values)
    return out, chosen, values


def _channels_last(planes: Tensor) -> Tensor:
    """[n, channels, h, w] -> contiguous [n, h, w, channels], without a copy where it lies so already."""
    return planes.detach().permute(0, 2, 3, 1).contiguous()


def _call(loop: Callable[..., None], *arguments: Any) -> None:
    """numba takes arrays, and bfloat16 as the integers that its bits are."""
    loop(*(_array(argument) if isinstance(argument, Tensor) else argument for argument in arguments))


def _array(tensor: Tensor) -> Any:
    tensor = tensor.detach()
    return (tensor.view(torch.uint16) if tensor.dtype == torch.bfloat16 else tensor).numpy()
