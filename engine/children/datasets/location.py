"""Where data sets lie on this machine: the one place that decides it. No torch here."""

from __future__ import annotations

import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]


def data_dir() -> Path:
    """The folder in the environment variable NOS_DATA_DIR, else `data/` below the project."""
    return Path(os.environ.get("NOS_DATA_DIR") or PROJECT / "data").expanduser()
