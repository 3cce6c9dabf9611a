"""A search's file in which every finished child is written at once, so that a killed run loses none of them.

One JSON object a line: first the configuration, then a result or an error for each candidate. The rules themselves need
not be kept: the same seed and rewards make the controller propose them again.
"""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import IO, Any

from engine.config import SearchConfig
from engine.errors import SearchStateError
from engine.search_state import config_digest

FORMAT = 1


class Journal:
    """An open journal: what earlier runs left in it, and room for more.

    Raises:
        SearchStateError: the file cannot be written, is in use, is no journal, or belongs to another configuration.
    """

    def __init__(self, path: Path, config: SearchConfig) -> None:
        self.path = path
        self.entries: dict[int, dict[str, Any]] = {}
        self._file = _open(path)
        try:
            self._read(config)
        except BaseException:
            self._file.close()
            raise

    def write(self, index: int, fingerprint: str, outcome: dict[str, Any]) -> None:
        """Adds a candidate's ``{"result": …}`` or ``{"error": …}``; it is on the disk when this returns."""
        self._append({"index": index, "fingerprint": fingerprint, **outcome})

    def close(self) -> None:
        self._file.close()

    def _read(self, config: SearchConfig) -> None:
        lines = self._file.read().split(b"\n")
        whole = sum(len(line) + 1 for line in lines[:-1])
        self._file.truncate(whole)  # A last line without its end was being written when the run was killed.
        self._file.seek(whole)
        records = [self._record(number, line) for number, line in enumerate(lines[:-1], 1)]
        if not records:
            self._append({"format": FORMAT, "config": config_digest(config)})
            return
        if records[0].get("format") != FORMAT:
            raise SearchStateError(f"{self.path} is no state file of this version; choose another name.")
        if records[0].get("config") != config_digest(config):
            raise SearchStateError(f"{self.path} belongs to a search of another configuration; choose another name.")
        self.entries = {record["index"]: record for record in records[1:]}

    def _record(self, number: int, line: bytes) -> dict[str, Any]:
        try:
            record = json.loads(line)
        except ValueError:
            record = None
        expected = {"format"} if number == 1 else {"index", "fingerprint"}
        if not isinstance(record, dict) or not expected <= record.keys():
            raise SearchStateError(f"{self.path} is no state file: line {number} cannot be read.")
        return record

    def _append(self, record: dict[str, Any]) -> None:
        try:
            self._file.write(json.dumps(record).encode() + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise SearchStateError(f"{self.path} cannot be written: {error.strerror}.") from error


def _open(path: Path) -> IO[bytes]:
    """The lock ends with the process, however that ends."""
    try:
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o644), "r+b")
    except OSError as error:
        raise SearchStateError(f"{path} cannot be opened for writing: {error.strerror}.") from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise SearchStateError(f"{path} is in use by another search that runs now.") from None
    return file
