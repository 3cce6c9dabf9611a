"""What `search run` writes: the report as JSON and the best rule as an optimizer file, whole or not at all."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from pathlib import Path

from engine.errors import SettingsError
from engine.export import export_rule
from engine.language import Rule
from engine.local import LocalCandidate, SearchReport


def report_text(report: SearchReport) -> str:
    return json.dumps(report.to_dict(), indent=2, ensure_ascii=False) + "\n"


def optimizer_text(best: LocalCandidate, report: SearchReport) -> str:
    child = report.config.child
    origin = {
        "Found by": f"manage.py search run, seed {report.config.seed}, candidate {best.proposed.index}",
        "Measured": f"validation accuracy {best.reward:.4f} of {child.network} on {child.dataset}, one seed, "
        f"{child.protocol.epochs} epochs, learning rate {best.learning_rate:g}"
        if best.learning_rate is not None
        else "it diverged at every learning rate",
    }
    return export_rule(Rule.parse(best.proposed.text), learning_rate=best.learning_rate, origin=origin)


def write_whole(path: Path, text: str) -> None:
    """Replaces a file in one step, so that a reader never sees half of it. Devices and pipes are written to."""
    path = path.resolve()  # A link stays a link: what it names is replaced.
    if path.exists() and not path.is_file():
        path.write_text(text, encoding="utf-8")
        return
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o644
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


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
