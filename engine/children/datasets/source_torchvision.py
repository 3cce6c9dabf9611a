"""CIFAR-10 by torchvision's own download, which checks its archive's and its files' sums."""

from __future__ import annotations

import contextlib
import io
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from engine.children.datasets.cifar10_files import RECORDS_PER_FILE
from engine.children.datasets.progress import Report, growing
from engine.children.torchvision_import import import_torchvision
from engine.errors import DatasetError, EngineError

TITLE = "torchvision"
BYTES_ON_DISK = 357_000_000  # the archive and what is in it
PROBE_SECONDS = 5.0
STALL_SECONDS = 30.0


def records(work: Path, wanted: list[str], report: Report) -> Iterator[tuple[str, bytes]]:
    """The wanted files, as (name, bytes).

    Raises:
        DatasetError: the host is out of reach, or torchvision could not use what it brought.
    """
    try:
        cifar10 = import_torchvision("datasets").CIFAR10
    except EngineError as error:
        raise DatasetError(str(error).rstrip(".")) from error
    _probe(cifar10.url, report)
    with growing(work, BYTES_ON_DISK, "Downloading with torchvision", report):
        splits = {train: _downloaded(cifar10, work, train) for train in (True, False)}
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


def _probe(url: str, report: Report) -> None:
    """Fails fast: torchvision itself would wait for the system's own, much longer, time limit."""
    report("Looking for torchvision's host", 0, 0)
    request = urllib.request.Request(url, method="HEAD")
    try:
        urllib.request.urlopen(request, timeout=PROBE_SECONDS).close()
    except (urllib.error.URLError, OSError) as error:
        raise DatasetError(f"its host is out of reach ({getattr(error, 'reason', error)})") from error


def _downloaded(cifar10: Any, folder: Path, train: bool) -> Any:
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(STALL_SECONDS)
    try:
        with contextlib.redirect_stderr(io.StringIO()):  # Its own progress bar; ours is shown.
            return cifar10(folder, train=train, download=True)
    except (RuntimeError, EOFError, urllib.error.URLError, TimeoutError, ConnectionError) as error:
        raise DatasetError(f"its download failed ({error})") from error
    finally:
        socket.setdefaulttimeout(before)
