"""CIFAR-10: 60,000 colour photographs of 10 kinds, 32×32 pixels, in the official binary records.

Source: A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images (2009). The paper holds 5,000 of the
50,000 training images out for validation; the test images are never part of a reward.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine.children.datasets.cifar10_files import (
    FOLDER,
    RECORD_BYTES,
    TEST_FILES,
    TRAIN_FILES,
    is_here,
)
from engine.children.datasets.images import Arrays, ImageDataset, assemble, held_out
from engine.errors import DatasetError

VALIDATION = 5_000


def load(data_dir: Path) -> ImageDataset:
    """45,000 training, 5,000 validation and 10,000 test images.

    Raises:
        DatasetError: the files are not there, or not of the right length.
    """
    folder = data_dir / FOLDER
    if not is_here(data_dir):
        raise DatasetError(
            f"CIFAR-10 is not in {folder}; fetch it once with `.venv/bin/python manage.py fetch_dataset cifar10`, "
            "or set NOS_DATA_DIR to the folder that has it."
        )
    train, validation = held_out(*_records(folder, TRAIN_FILES), VALIDATION)
    return assemble("cifar10", 10, train, validation, _records(folder, TEST_FILES))


def _records(folder: Path, names: tuple[str, ...]) -> Arrays:
    """Images uint8 [n, 3, 32, 32] and labels int64 [n] of those files, one after the other."""
    parts = [np.fromfile(folder / name, dtype=np.uint8) for name in names]
    records = np.concatenate(parts).reshape(-1, RECORD_BYTES)  # a label, then 1,024 red, green, blue
    return records[:, 1:].reshape(-1, 3, 32, 32), records[:, 0].astype(np.int64)
