"""Tensors in pieces that stay in the processor's cache while a rule runs over them.

Every operation of a rule is element-wise, so pieces change nothing but the order of random draws. On 2 cores of an
Intel Xeon (Sapphire Rapids), float32, 25 tensors of a million weights, PowerSign took 174 ms a step whole and 48 ms in
parts (median of 6; benchmarks/optimizer_step.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import torch
from torch import Tensor

PART = 2**17

Row = tuple[Tensor, ...]  # Of one parameter: weights, gradient, running averages; all of one shape.


def parts(*tensors: Tensor) -> Iterable[Row]:
    """The tensors, all of one shape, cut alike into flat views of at most PART entries.

    They stay whole on other devices than the CPU, where one launch is dearer than a cache miss, where they are small,
    and where they are not laid out contiguously.
    """
    first = tensors[0]
    if first.numel() <= PART or first.device.type != "cpu" or not all(tensor.is_contiguous() for tensor in tensors):
        return [tensors]
    return zip(*(torch.split(tensor.view(-1), PART) for tensor in tensors), strict=True)


def lists(rows: list[Row]) -> Iterator[list[list[Tensor]]]:
    """The columns of the rows, which are of one device, as lists; on the CPU, of at most PART entries at a time."""
    if rows[0][0].device.type != "cpu":
        yield [list(column) for column in zip(*rows, strict=True)]
        return
    gathered: list[Row] = []
    size = 0
    for part in (part for row in rows for part in parts(*row)):
        if gathered and size + part[0].numel() > PART:
            yield [list(column) for column in zip(*gathered, strict=True)]
            gathered, size = [], 0
        gathered.append(part)
        size += part[0].numel()
    yield [list(column) for column in zip(*gathered, strict=True)]
