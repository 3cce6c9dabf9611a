"""What an `up` that was killed may have left: a supervisord that is still ending, or that nothing told to end."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

PATIENCE = 25.0  # seconds that a supervisord gets to end its programs


def end(var_dir: Path) -> None:
    """End the supervisord of this var folder, if one runs. Call it with the lock held: then no `up` owns it."""
    pid = _supervisord(var_dir)
    if pid is None:
        return
    os.kill(pid, signal.SIGTERM)
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends and _supervisord(var_dir) == pid:
        time.sleep(0.1)
    if _supervisord(var_dir) == pid:
        os.kill(pid, signal.SIGKILL)


def _supervisord(var_dir: Path) -> int | None:
    """Its process id; None when it has ended, or when the number belongs to another program by now."""
    try:
        pid = int((var_dir / "supervisord.pid").read_text())
    except (OSError, ValueError):
        return None
    return pid if str(var_dir / "supervisord.conf") in _command(pid) else None


def _command(pid: int) -> str:
    """Its command line; empty when there is no such process. A slim Linux has no `ps`, but always /proc."""
    if sys.platform == "linux":
        with suppress(OSError):
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        return ""
    shown = subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return shown.stdout
