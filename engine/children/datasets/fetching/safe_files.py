"""Files that are there whole or not at all, whenever the process is killed. No torch here."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import DatasetError

PARTIAL = ".part"


def write_whole(path: Path, content: bytes) -> None:
    """Writes to a temporary file beside it and puts that in its place once the disk has it."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-", suffix=PARTIAL)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)  # Temporary files are private; data may be read by every worker.
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_partial(folder: Path) -> None:
    """Takes away what a killed process left."""
    for leftover in folder.glob(f".*{PARTIAL}"):
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            leftover.unlink(missing_ok=True)


def need_space(folder: Path, needed: int) -> None:
    """Raises DatasetError unless that many bytes are free there."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DatasetError(
            f"There is not enough disk space in {folder}: {needed / 1e6:,.0f} MB are needed, "
            f"{free / 1e6:,.0f} MB are free; make room, or set NOS_DATA_DIR to a folder that has it."
        )


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Turns what the disk refuses into a sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DatasetError(f"The disk is full: {folder} has no room left; make room and run it again.") from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise DatasetError(f"{error.filename or folder} cannot be written; check who owns it.") from error
        if error.errno in (errno.EEXIST, errno.ENOTDIR):
            raise DatasetError(f"{error.filename or folder} is in the way: a folder is needed there.") from error
        raise
