"""The owner's side of the pipe to one trainer process."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from typing import Any

from engine.children.datasets.location import PROJECT
from engine.children.messages import read_line, to_line
from engine.errors import ChildError, TrainerDied

CLOSE_SECONDS = 2.0


class TrainerLink:
    """Starts a trainer; a thread reads its answers, so that waiting for one never blocks for long."""

    def __init__(self, device: str, threads: int) -> None:
        self._process = subprocess.Popen(
            _command(device, threads),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(threads),
            encoding="utf-8",
            errors="replace",
        )
        self._answers: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        threading.Thread(target=self._read, name=f"trainer-{self.pid}", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def send(self, **message: Any) -> None:
        """Raises TrainerDied where the process does not read any more."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(to_line(message))
            self._process.stdin.flush()
        except (OSError, ValueError):
            raise self._death() from None

    def read(self, seconds: float) -> dict[str, Any] | None:
        """The next answer, or None if there is none within that time. Raises TrainerDied when none will ever come."""
        try:
            message = self._answers.get(timeout=seconds)
        except queue.Empty:
            return None
        if message is None:
            self._answers.put(None)  # For whoever reads next.
            raise self._death()
        return message

    def close(self) -> None:
        """Ends the process: it leaves when its input closes; one that hangs is killed."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # It may be gone already.
            self._process.stdin.close()
        try:
            self._process.wait(CLOSE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                try:
                    self._answers.put(read_line(line))
                except ChildError:
                    continue  # Half a line, written while it was killed; the end of the stream follows.
        self._answers.put(None)

    def _death(self) -> TrainerDied:
        try:
            code = self._process.wait(CLOSE_SECONDS)
        except subprocess.TimeoutExpired:
            return TrainerDied("The trainer process closed its output in the middle of a child.")
        if code < 0:
            return TrainerDied(
                f"The trainer process was ended by {signal.Signals(-code).name} in the middle of a child."
            )
        return TrainerDied(f"The trainer process ended with exit code {code} in the middle of a child.")


def _command(device: str, threads: int) -> list[str]:
    options = ["--device", device, "--threads", str(threads), "--parent", str(os.getpid())]
    return [sys.executable, "-m", "engine.children.trainer", *options]


def _environment(threads: int) -> dict[str, str]:
    """The same environment, with the engine importable from wherever the owner was started."""
    paths = [str(PROJECT), *filter(None, [os.environ.get("PYTHONPATH")])]
    count = str(threads)
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": count, "MKL_NUM_THREADS": count}
