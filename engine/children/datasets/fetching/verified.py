"""Fetches a data set's official files from whichever source works; whatever the source, their MD5 sums decide."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from engine.children.datasets.fetching.progress import Report
from engine.children.datasets.fetching.safe_files import need_space, remove_partial, write_whole
from engine.errors import DatasetError


class Source(Protocol):
    """Can bring the official files, their bytes one by one; a module, or an object.

    Attributes:
        BYTES_ON_DISK: what it takes in its own folder meanwhile.
    """

    TITLE: str
    BYTES_ON_DISK: int

    def records(self, work: Path, wanted: list[str], report: Report) -> Iterator[tuple[str, bytes]]: ...


@dataclass(frozen=True, slots=True)
class Recipe:
    """What to fetch.

    Attributes:
        folder: its name below the data folder.
        sums: the MD5 sum of each file, by name.
        file_bytes: the size of the largest file.
        sources: tried in this order, each for what is still missing.
    """

    name: str
    title: str
    folder: str
    sums: dict[str, str]
    file_bytes: int
    sources: tuple[Source, ...]


def fetch_verified(recipe: Recipe, data_dir: Path, report: Report) -> Path:
    """Puts the verified files below ``data_dir``; what is there and verified is kept.

    Raises:
        DatasetError: no source could bring all of them; the message says what each said.
    """
    folder, work = data_dir / recipe.folder, data_dir / f".fetch-{recipe.name}"
    folder.mkdir(exist_ok=True)
    remove_partial(folder)
    report("Checking what is here", 0, 0)
    missing = unverified_files(folder, recipe.sums)
    if missing:
        _fetch_missing(recipe, folder, work, missing, report)
    shutil.rmtree(work, ignore_errors=True)
    return folder


def unverified_files(folder: Path, sums: dict[str, str]) -> list[str]:
    """Names of files that are not there with exactly the right bytes."""
    return [name for name, md5 in sums.items() if not (folder / name).is_file() or _md5_of(folder / name) != md5]


def _fetch_missing(recipe: Recipe, folder: Path, work: Path, missing: list[str], report: Report) -> None:
    problems = []
    for source in recipe.sources:
        need_space(folder, source.BYTES_ON_DISK + len(missing) * recipe.file_bytes)
        own = work / source.TITLE
        own.mkdir(parents=True, exist_ok=True)
        remove_partial(own)
        try:
            for name, content in source.records(own, list(missing), report):
                _write_verified(folder / name, content, recipe.sums[name])
                missing.remove(name)
        except DatasetError as error:
            problems.append(f"{source.TITLE}: {error}")
            shutil.rmtree(own, ignore_errors=True)  # What it brought was wrong: the next run starts this source anew.
        if not missing:
            return
    raise DatasetError(f"{recipe.title} could not be fetched. {'; '.join(problems)}.")


def _write_verified(path: Path, content: bytes, md5: str) -> None:
    """Raises DatasetError, and writes nothing, where the bytes are not the official ones."""
    found = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if found != md5:
        raise DatasetError(f"{path.name} has the wrong checksum (MD5 {found}, not {md5})")
    write_whole(path, content)


def _md5_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
