"""Fetches data sets that do not come with the program: once, verified, safely beside another fetch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from filelock import FileLock, Timeout

from engine.children.datasets.fetching import cifar10, fashion_mnist
from engine.children.datasets.fetching.progress import Report
from engine.children.datasets.fetching.safe_files import disk_errors
from engine.children.datasets.location import data_dir as default_data_dir
from engine.registry import DATASETS, find

FETCHERS: dict[str, Callable[[Path, Report], Path]] = {
    "cifar10": cifar10.fetch,
    "fashion-mnist": fashion_mnist.fetch,
}


def fetch(name: str, report: Report, data_dir: Path | None = None) -> Path | None:
    """Brings a data set into the data folder, or goes on with it; gives its folder, None where none is needed.

    Killed at any moment it leaves no half-written file under a final name; the next call goes on from there.

    Raises:
        UnknownName: there is no such data set.
        DatasetError: it could not be fetched; the message says why.
    """
    find(DATASETS, name)
    if name not in FETCHERS:
        return None
    folder = data_dir or default_data_dir()
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / f".fetch-{name}.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            report("Waiting for another fetch that is under way", 0, 0)
            lock.acquire()
        try:
            return FETCHERS[name](folder, report)
        finally:
            lock.release()
