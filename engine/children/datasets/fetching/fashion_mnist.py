"""How Fashion-MNIST is fetched: from Debian's package where that is installed, else by a download."""

from __future__ import annotations

from pathlib import Path

from engine.children.datasets.fashion_mnist_files import FOLDER, MD5, SIZES
from engine.children.datasets.fetching import debian, torchvision_fashion_mnist
from engine.children.datasets.fetching.progress import Report
from engine.children.datasets.fetching.verified import Recipe, Source, fetch_verified

SOURCES: tuple[Source, ...] = (debian.Installed(), torchvision_fashion_mnist, debian.Downloaded())


def fetch(data_dir: Path, report: Report) -> Path:
    """Puts the four official files, unpacked, below ``data_dir``; raises DatasetError as ``fetch_verified`` does."""
    recipe = Recipe("fashion-mnist", "Fashion-MNIST", FOLDER, MD5, max(SIZES.values()), SOURCES)
    return fetch_verified(recipe, data_dir, report)
