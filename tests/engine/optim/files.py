"""What the tests of optimizer files share: files loaded as modules, and parameters that take the same steps."""

from __future__ import annotations

import hashlib
import sys
from functools import lru_cache
from types import ModuleType
from typing import Any

import torch
from torch import nn

from engine.export import export_rule
from engine.language import Rule
from engine.presets import NAMED_RULES
from tests.engine.strategies import every_primitive

TOTAL = 12
EVERY_RULE = list(dict.fromkeys([*every_primitive(), *(row.text for row in NAMED_RULES.values())]))


def load(source: str) -> ModuleType:
    """The file as an imported module, which pickle and torch.compile find by its name."""
    module = ModuleType(f"optimizer_file_{hashlib.sha256(source.encode()).hexdigest()[:16]}")
    sys.modules[module.__name__] = module
    exec(compile(source, "optimizer_file.py", "exec"), module.__dict__)
    return module


@lru_cache
def optimizer_class(text: str) -> type[torch.optim.Optimizer]:
    found: type[torch.optim.Optimizer] = load(export_rule(Rule.parse(text))).DiscoveredOptimizer
    return found


def parameters(dtype: torch.dtype) -> list[nn.Parameter]:
    """Of several shapes, a number and a transposed one among them."""
    generator = torch.Generator().manual_seed(0)
    shapes = [(3,), (), (2, 3), (5, 4), (1,)]
    made = [torch.randn(shape, dtype=torch.float64, generator=generator).to(dtype) for shape in shapes]
    made[3] = made[3].t()
    return [nn.Parameter(tensor) for tensor in made]


def groups(tensors: list[nn.Parameter]) -> list[dict[str, Any]]:
    return [{"params": tensors[:2]}, {"params": tensors[2:], "lr": 0.02, "weight_decay": 0.1}]


def take_steps(optimizer: torch.optim.Optimizer, first: int, last: int) -> None:
    """Steps with gradients that depend on the step alone; the second parameter has none at every third step."""
    tensors = [tensor for group in optimizer.param_groups for tensor in group["params"]]
    for step in range(first, last):
        generator = torch.Generator().manual_seed(step)
        for place, tensor in enumerate(tensors):
            drawn = torch.randn(tensor.shape, dtype=torch.float64, generator=generator).to(tensor.dtype)
            tensor.grad = None if place == 1 and step % 3 == 2 else drawn
        optimizer.step()


def same(first: list[nn.Parameter], second: list[nn.Parameter]) -> bool:
    """Bit for bit; what is not a number is so in both."""
    pairs = zip(first, second, strict=True)
    return all(torch.equal(a.detach().nan_to_num(nan=7.0), b.detach().nan_to_num(nan=7.0)) for a, b in pairs)
