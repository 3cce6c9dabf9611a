"""torchvision's own download of a data set, which checks its archives' sums; quick to give up on a silent host."""

from __future__ import annotations

import contextlib
import io
import socket
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from engine.children.datasets.fetching.progress import Report
from engine.children.torchvision_import import import_torchvision
from engine.errors import DatasetError, EngineError

PROBE_SECONDS = 5.0
STALL_SECONDS = 30.0


def dataset_class(name: str) -> Any:
    """Raises DatasetError where torchvision is not here or does not work."""
    try:
        return getattr(import_torchvision("datasets"), name)
    except EngineError as error:
        raise DatasetError(str(error).rstrip(".")) from error


def probe(url: str, report: Report) -> None:
    """Fails fast: torchvision itself would wait for the system's own, much longer, time limit."""
    report("Looking for torchvision's host", 0, 0)
    request = urllib.request.Request(url, method="HEAD")
    try:
        urllib.request.urlopen(request, timeout=PROBE_SECONDS).close()
    except (urllib.error.URLError, OSError) as error:
        raise DatasetError(f"its host is out of reach ({getattr(error, 'reason', error)})") from error


def downloaded(dataset: Any, folder: Path, train: bool) -> Any:
    """One split of a torchvision data set, downloaded into the folder. Raises DatasetError."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(STALL_SECONDS)
    try:
        with contextlib.redirect_stderr(io.StringIO()):  # Its own progress bar; ours is shown.
            return dataset(folder, train=train, download=True)
    except (RuntimeError, EOFError, urllib.error.URLError, TimeoutError, ConnectionError) as error:
        raise DatasetError(f"its download failed ({error})") from error
    finally:
        socket.setdefaulttimeout(before)
