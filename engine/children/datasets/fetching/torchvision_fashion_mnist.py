"""Fashion-MNIST by torchvision's own download, which checks its archives' sums and unpacks them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.children.datasets.fashion_mnist_files import SIZES
from engine.children.datasets.fetching import torchvision_download
from engine.children.datasets.fetching.progress import Report, growing
from engine.errors import DatasetError

TITLE = "torchvision"
BYTES_ON_DISK = 31_000_000 + sum(SIZES.values())  # the archives and what is in them
RAW = "FashionMNIST/raw"  # where torchvision puts the unpacked files


def records(work: Path, wanted: list[str], report: Report) -> Iterator[tuple[str, bytes]]:
    """The wanted files, as (name, bytes). Archives that came whole are not downloaded again after an interruption.

    Raises:
        DatasetError: the host is out of reach, or torchvision could not use what it brought.
    """
    fashion_mnist = torchvision_download.dataset_class("FashionMNIST")
    torchvision_download.probe(fashion_mnist.mirrors[0] + fashion_mnist.resources[0][0], report)
    with growing(work, BYTES_ON_DISK, "Downloading with torchvision", report):
        torchvision_download.downloaded(fashion_mnist, work, train=True)  # It brings all four files at once.
    for position, name in enumerate(wanted):
        report(f"Checking {name}", position, len(wanted))
        try:
            yield name, (work / RAW / name).read_bytes()
        except FileNotFoundError as error:
            raise DatasetError(f"its download has no {name}") from error
