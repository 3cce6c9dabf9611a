"""CIFAR-10 by torchvision's own download, which checks its archive's and its files' sums."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from engine.children.datasets.cifar10_files import RECORDS_PER_FILE
from engine.children.datasets.fetching import torchvision_download
from engine.children.datasets.fetching.progress import Report, growing

TITLE = "torchvision"
BYTES_ON_DISK = 357_000_000  # the archive and what is in it


def records(work: Path, wanted: list[str], report: Report) -> Iterator[tuple[str, bytes]]:
    """The wanted files, as (name, bytes).

    Raises:
        DatasetError: the host is out of reach, or torchvision could not use what it brought.
    """
    cifar10 = torchvision_download.dataset_class("CIFAR10")
    torchvision_download.probe(cifar10.url, report)
    with growing(work, BYTES_ON_DISK, "Downloading with torchvision", report):
        splits = {train: torchvision_download.downloaded(cifar10, work, train) for train in (True, False)}
    for position, name in enumerate(wanted):
        report(f"Converting {name}", position, len(wanted))
        yield name, to_records(splits[name != "test_batch.bin"], name)


def to_records(split: Any, name: str) -> bytes:
    """One official file from a torchvision data set, whose images [n, 32, 32, 3] keep the files' order."""
    start = 0 if name == "test_batch.bin" else (int(name[len("data_batch_")]) - 1) * RECORDS_PER_FILE
    part = slice(start, start + RECORDS_PER_FILE)
    planes = split.data[part].transpose(0, 3, 1, 2).reshape(-1, 3 * 32 * 32)
    labels = np.asarray(split.targets[part], dtype=np.uint8).reshape(-1, 1)
    return np.concatenate([labels, planes], axis=1).tobytes()
