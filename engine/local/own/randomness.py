"""All that is random in somebody's training, from one seed; afterwards their own generators are as they were."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


@contextmanager
def seeded(seed: int, device: torch.device, loader: object) -> Iterator[None]:
    """Seeds torch, NumPy, Python and the loader's own generators: fresh weights, order of the data, dropout."""
    if getattr(loader, "persistent_workers", False):
        loader._iterator = None  # type: ignore[attr-defined]  # workers that live on would keep their random state
    generators = _generators(loader)
    python_state, numpy_state = random.getstate(), np.random.get_state()
    states = [generator.get_state() for generator in generators]
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        try:
            torch.manual_seed(seed)
            random.seed(seed)
            np.random.seed(seed % 2**32)
            for generator in generators:
                generator.manual_seed(seed)
            yield
        finally:
            random.setstate(python_state)
            np.random.set_state(numpy_state)
            for generator, state in zip(generators, states, strict=True):
                generator.set_state(state)


def _generators(loader: object) -> list[torch.Generator]:
    """A DataLoader with a generator of its own would go on where the training before it left it."""
    batches = getattr(loader, "batch_sampler", None)
    parts = (loader, getattr(loader, "sampler", None), batches, getattr(batches, "sampler", None))
    found = [getattr(part, "generator", None) for part in parts]
    return list({id(generator): generator for generator in found if isinstance(generator, torch.Generator)}.values())
