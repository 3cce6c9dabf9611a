"""Half precision: bfloat16 where a processor multiplies matrices of it faster, with weights kept in float32.

Convolutions and linear layers compute in bfloat16 (torch.autocast), each adding up in float32; losses, gradients of the
weights, running averages and the rule itself stay float32.
"""

from __future__ import annotations

from contextlib import AbstractContextManager

import torch

from engine.registry import NETWORKS
from engine.registry.protocols import Precision


def resolve(precision: Precision, network: str, device: torch.device) -> torch.dtype:
    """The type that a network's layers compute in; `auto` takes bfloat16 where it was measured to pay."""
    if precision == "auto":
        pays = NETWORKS[network].facts.get("half_pays", False) and has_matrix_units(device)
        return torch.bfloat16 if pays else torch.float32
    return torch.bfloat16 if precision == "bfloat16" else torch.float32


def has_matrix_units(device: torch.device) -> bool:
    """For bfloat16: AMX in CPUs of Intel's since Sapphire Rapids, tensor cores in Nvidia's GPUs since Ampere."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    return device.type == "cpu" and bool(torch.cpu.get_capabilities().get("amx_bf16"))


def computing_in(dtype: torch.dtype, device: torch.device) -> AbstractContextManager[object]:
    """Within it a network's forward pass computes in that type."""
    return torch.autocast(device.type, dtype=dtype, enabled=dtype != torch.float32)
