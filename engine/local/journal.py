"""A search's file in which every finished child is written at once, so that a killed run loses none of them.

One JSON object a line: first the configuration, then a result or an error for each candidate, then a result for each
fresh seed of a confirmed rule or baseline. The rules themselves need not be kept: the same seed and rewards make the
controller propose them again.
"""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from engine.children.results import ChildResult
from engine.config import ConfirmationConfig, SearchConfig
from engine.errors import SearchStateError
from engine.search_state import config_digest

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """What an earlier run knows of a candidate: its result, or the error that ended it."""

    fingerprint: str
    outcome: ChildResult | str


class Journal:
    """An open journal: what earlier runs left in it, and room for more.

    Attributes:
        entries: what is known of candidates, by index.
        confirmations: what fresh seeds gave, by the rule's fingerprint and the seed's number.

    Args:
        children: names the children where they are not the configuration's; other ones are another search.

    Raises:
        SearchStateError: the file cannot be written, is in use, is no journal, or belongs to another configuration.
            Such a file is left as it is.
    """

    def __init__(self, path: Path, config: SearchConfig, children: str = "") -> None:
        self.path = path
        self.entries: dict[int, Entry] = {}
        self.confirmations: dict[tuple[str, int], ChildResult] = {}
        self._file = _open(path)
        try:
            self._read(_line(_header(config, children)))
        except BaseException:
            self._file.close()
            raise

    def write(self, index: int, fingerprint: str, outcome: ChildResult | str) -> None:
        """Adds a candidate's result or error; it is on the disk when this returns."""
        told = {"error": outcome} if isinstance(outcome, str) else {"result": outcome.to_dict()}
        self._append(_line({"index": index, "fingerprint": fingerprint, **told}))

    def write_confirmation(self, fingerprint: str, number: int, result: ChildResult) -> None:
        """Adds what the fresh seed of that number gave; it is on the disk when this returns."""
        self._append(_line({"confirmation": number, "fingerprint": fingerprint, "result": result.to_dict()}))

    def close(self) -> None:
        self._file.close()

    def _read(self, header: bytes) -> None:
        """Nothing in the file is changed before all of it is known to be a journal of this search."""
        content = self._file.read()
        whole = content.rfind(b"\n") + 1  # A last line without its end was being written when the run was killed.
        lines = content[:whole].splitlines()
        if not lines and not header.startswith(content):
            raise SearchStateError(f"{self.path} is no state file; choose another name.")
        if lines:
            self._check_header(lines[0], header)
            for number, line in enumerate(lines[1:], 2):
                self._remember(number, self._object(number, line))
        self._file.truncate(whole)
        self._file.seek(whole)
        if not lines:
            self._append(header)

    def _check_header(self, line: bytes, header: bytes) -> None:
        found, expected = self._object(1, line), json.loads(header)
        if found.get("format") != FORMAT:
            raise SearchStateError(f"{self.path} is no state file of this version; choose another name.")
        if found != expected:
            raise SearchStateError(f"{self.path} belongs to a search of another configuration; choose another name.")

    def _remember(self, number: int, record: dict[str, Any]) -> None:
        try:
            outcome = record["error"] if "error" in record else ChildResult.from_dict(record["result"])
            fingerprint = str(record["fingerprint"])
            if "confirmation" not in record:
                self.entries[int(record["index"])] = Entry(fingerprint, outcome)
            elif isinstance(outcome, ChildResult):
                self.confirmations[fingerprint, int(record["confirmation"])] = outcome
        except (KeyError, TypeError, ValueError, AttributeError):
            raise self._unreadable(number) from None

    def _object(self, number: int, line: bytes) -> dict[str, Any]:
        try:
            record = json.loads(line)
        except ValueError:
            record = None
        if not isinstance(record, dict):
            raise self._unreadable(number)
        return record

    def _unreadable(self, number: int) -> SearchStateError:
        return SearchStateError(f"{self.path} is no state file: line {number} cannot be read; choose another name.")

    def _append(self, line: bytes) -> None:
        try:
            self._file.write(line)
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise SearchStateError(f"{self.path} cannot be written: {error.strerror}.") from error


def _header(config: SearchConfig, children: str) -> dict[str, Any]:
    """What is confirmed is not in it: it changes no candidate, so rules and seeds may be added to a finished search."""
    same = config.model_copy(update={"confirmation": ConfirmationConfig(top=0, baselines=())})
    header = {"format": FORMAT, "config": config_digest(same)}
    return {**header, "children": children} if children else header


def _line(record: dict[str, Any]) -> bytes:
    return json.dumps(record).encode() + b"\n"


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
