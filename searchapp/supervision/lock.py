"""One `up` at a time in a var folder: a lock that the kernel drops with its process, so that none is ever stale."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from searchapp.supervision.errors import CannotStart


@contextmanager
def only_one(var_dir: Path) -> Iterator[None]:
    """Hold the lock of this var folder. Raises CannotStart, with the other one's process id, when it is taken."""
    with (var_dir / "up.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise CannotStart(_running(var_dir, file.read().strip())) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def _running(var_dir: Path, pid: str) -> str:
    return (
        f"The application is already running in {var_dir}, as process {pid or 'unknown'}. End that one first with"
        " Ctrl-C, or run a second one in another folder: VAR_DIR=/some/folder."
    )
