"""Imports torchvision, also beside a torch that was built without its operators."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

import torch

from engine.errors import EngineError

# torchvision 0.28 registers shapes for these two when it is imported; its wheel defines them only beside the torch
# build it was compiled for. Data sets and models never call them, so their signatures are enough.
MISSING_OPERATORS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


def import_torchvision(submodule: str = "") -> ModuleType:
    """`torchvision`, or `torchvision.<submodule>`.

    Raises:
        EngineError: torchvision is not installed, or does not work with this torch.
    """
    try:
        _import_with_operators()
        return import_module(f"torchvision.{submodule}" if submodule else "torchvision")
    except (ImportError, RuntimeError) as error:
        raise EngineError(f"torchvision cannot be used here: {error}.") from error


def _import_with_operators() -> None:
    try:
        import_module("torchvision")
    except RuntimeError as error:
        if "torchvision::" not in str(error) or "does not exist" not in str(error):
            raise
        for schema in MISSING_OPERATORS:
            torch.library.define(f"torchvision::{schema.partition('(')[0]}", "(" + schema.partition("(")[2])
        import_module("torchvision")
