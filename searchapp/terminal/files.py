"""What `search run` writes: the report as JSON, the best rule as an optimizer file, each whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from engine.errors import SettingsError
from engine.local import SearchReport
from engine.local.files import write_whole

__all__ = ["check_writable", "report_text", "write_whole"]


def report_text(report: SearchReport) -> str:
    return json.dumps(report.to_dict(), indent=2, ensure_ascii=False) + "\n"


def check_writable(option: str, name: str) -> None:
    """Tries what `write_whole` will do, and leaves no trace.

    Raises:
        SettingsError: a file of that name could not be written.
    """
    path = Path(name).resolve()
    if path.is_dir():
        raise SettingsError(f"--{option} {name} cannot be written: it is a folder.")
    if path.exists() and not os.access(path, os.W_OK):
        raise SettingsError(f"--{option} {name} cannot be written: permission denied.")
    if path.exists() and not path.is_file():
        return
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise SettingsError(f"--{option} {name} cannot be written: {error.strerror}.") from None
