"""Which device a child trains on."""

from __future__ import annotations

import torch

from engine.errors import MachineError


def resolve(name: str) -> torch.device:
    """`auto` is the first CUDA device where there is one, else the CPU; other names are torch's own.

    Raises:
        MachineError: torch does not know the name, or this machine has no such device.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError):
        raise MachineError(f"Device “{name}” is not on this machine; use auto, cpu, cuda or cuda:0.") from None
    return device
