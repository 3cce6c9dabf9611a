"""How a long fetch tells how far it is. No torch here."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

# Gets what is being done, and how much of how much; 0 of 0 where that is not known.
Report = Callable[[str, int, int], None]

WATCH_SECONDS = 0.25


@contextmanager
def growing(folder: Path, expected: int, text: str, report: Report) -> Iterator[None]:
    """Reports the bytes in a folder while somebody else's download fills it."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(WATCH_SECONDS):
            report(text, min(_size(folder), expected), expected)

    watcher = threading.Thread(target=watch, name="download-progress", daemon=True)
    report(text, 0, expected)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:
            continue  # It was moved or removed meanwhile.
    return total
