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
        raise _absent(name) from None
    return device


def check_name(name: str) -> None:
    """Refuses what cannot be here, without touching the device: whoever asks need not hold its memory.

    Raises:
        MachineError: torch does not know the name, or this machine has no such CUDA device.
    """
    if name == "auto":
        return
    try:
        device = torch.device(name)
    except RuntimeError:
        raise _absent(name) from None
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise _absent(name)


def _absent(name: str) -> MachineError:
    return MachineError(f"Device “{name}” is not on this machine; use {_present()}.")


def _present() -> str:
    cuda = [f"cuda:{index}" for index in range(torch.cuda.device_count())]
    return " or ".join(["auto", "cpu", *cuda])
