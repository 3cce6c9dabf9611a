"""How busy a worker's machine is, for the workers' page. What cannot be read is left out; nothing here raises."""

from __future__ import annotations

import importlib
import os
from typing import Any

import psutil  # type: ignore[import-untyped]

MEGABYTE = 2**20
NO_GPU = frozenset({"cpu", "mps"})


def use(device: str) -> dict[str, Any]:
    """JSON: percent of the processors since the last call, megabytes of memory, and the worker's GPU if there is one.

    Args:
        device: as given to the worker: auto, cpu, cuda, cuda:1, ...
    """
    found = _host()
    gpu = None if device in NO_GPU else _gpu(_index(device))
    return {**found, "gpu": gpu} if gpu else found


def _host() -> dict[str, Any]:
    try:
        memory = psutil.virtual_memory()
        own = psutil.Process().memory_info().rss
        children = sum(child.memory_info().rss for child in psutil.Process().children())  # its trainer
        return {
            "cores": psutil.cpu_count(),
            "cpu": round(psutil.cpu_percent(), 1),
            "memory_used": (memory.total - memory.available) // MEGABYTE,
            "memory_total": memory.total // MEGABYTE,
            "own_memory": (own + children) // MEGABYTE,
        }
    except (psutil.Error, OSError):
        return {}


def _index(device: str) -> int:
    number = device.partition(":")[2]
    return int(number) if number.isdigit() else 0


def _gpu(index: int) -> dict[str, Any] | None:
    """The GPU that the process calls `cuda:<index>`; None without one, without its driver or without nvidia-ml-py."""
    try:
        nvml = importlib.import_module("pynvml")
        nvml.nvmlInit()
        try:
            return _read_gpu(nvml, _handle(nvml, index))
        finally:
            nvml.nvmlShutdown()
    except Exception:  # no package, no driver, no such GPU: each driver has its own errors
        return None


def _handle(nvml: Any, index: int) -> Any:
    """The process may see some of the GPUs only, by number or by UUID."""
    visible = [name for name in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if name]
    name = visible[index] if visible else str(index)
    return nvml.nvmlDeviceGetHandleByIndex(int(name)) if name.isdigit() else nvml.nvmlDeviceGetHandleByUUID(name)


def _read_gpu(nvml: Any, handle: Any) -> dict[str, Any]:
    memory = nvml.nvmlDeviceGetMemoryInfo(handle)
    name = nvml.nvmlDeviceGetName(handle)
    return {
        "name": name.decode() if isinstance(name, bytes) else str(name),
        "busy": int(nvml.nvmlDeviceGetUtilizationRates(handle).gpu),  # percent
        "memory_used": int(memory.used) // MEGABYTE,
        "memory_total": int(memory.total) // MEGABYTE,
    }
