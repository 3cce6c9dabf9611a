"""Large tensors in parts that stay in the processor's cache while a rule runs over them.

Every operation of a rule is element-wise, so parts change nothing but the order of random draws. On 2 cores of an Intel
Xeon (Sapphire Rapids), float32, 25 tensors of a million weights, PowerSign took 174 ms a step whole and 48 ms in parts
(median of 6; benchmarks/optimizer_step.py).
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

PART = 2**17


def parts(*tensors: Tensor) -> Iterable[tuple[Tensor, ...]]:
    """The tensors, all of one shape, cut alike into flat views of at most PART entries.

    They stay whole on other devices than the CPU, where one launch is dearer than a cache miss, where they are small,
    and where they are not laid out contiguously.
    """
    first = tensors[0]
    if first.device.type != "cpu" or first.numel() <= PART or not all(tensor.is_contiguous() for tensor in tensors):
        return [tensors]
    return zip(*(torch.split(tensor.view(-1), PART) for tensor in tensors), strict=True)
