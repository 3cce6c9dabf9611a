"""The data sets that children learn from: `load("digits")`. Importing this package needs no torch; loading does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from engine.children.datasets import cifar10_files, fashion_mnist_files
from engine.children.datasets.location import data_dir as default_data_dir
from engine.registry import DATASETS, find

if TYPE_CHECKING:
    from engine.children.datasets.dataset import Dataset

__all__ = ["is_here", "load"]

# Data sets that are fetched once, and how to tell that one is there; `fetching` knows how to get it.
FETCHED: dict[str, Callable[[Path], bool]] = {
    "cifar10": cifar10_files.is_here,
    "fashion-mnist": fashion_mnist_files.is_here,
}


def is_here(name: str) -> bool:
    """Whether this machine has the data set's files; those bundled with a library always are."""
    return name not in FETCHED or FETCHED[name](default_data_dir())


def load(name: str, data_dir: Path | None = None) -> Dataset:
    """The data set of that name, split into training, validation and test examples, on the CPU.

    Raises:
        UnknownName: no registry row has that name.
        DatasetError: its files are missing or damaged; the message says how to get them.
    """
    return cast("Dataset", find(DATASETS, name).load()(data_dir or default_data_dir()))
