"""supervisord as a child process of ours, and questions to it."""

import shutil
import subprocess
import sys
import tempfile
import xmlrpc.client
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from django.conf import settings
from supervisor.xmlrpc import SupervisorTransport

from searchapp.supervision.errors import CannotStart
from searchapp.supervision.programs import STARTS, Program, config_text, log_file
from searchapp.supervision.tied import tied

LAST_LINES = 15
STOP_SECONDS = 25  # all programs' stop_seconds, one group after the other, at worst


class Supervisor:
    """Runs supervisord for as long as the `with` block does; leaving it ends every program, children first."""

    def __init__(self, programs: list[Program]) -> None:
        self.programs = programs
        # Not in the var folder: a socket's path may have about 100 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="nos-"))
        self.socket = self.folder / "supervisor.sock"
        self.config = Path(settings.VAR_DIR) / "supervisord.conf"

    def __enter__(self) -> Self:
        self.config.write_text(config_text(self.socket, self.programs))
        for program in self.programs:  # what is shown after a failure is this run's, and the file is there
            with log_file(program.name).open("a") as log:
                log.write(f"--- start of {program.name} ---\n")
        self.process = subprocess.Popen(
            tied([sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(self.config)]),
            cwd=settings.VAR_DIR,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C reaches `up` alone, which then ends all in order
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            self.process.kill()  # on Linux its programs are told to end by the kernel
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def check(self) -> None:
        """Raises CannotStart when supervisord has ended or has given a program up."""
        if self.process.poll() is not None:
            raise CannotStart(f"The supervisor has ended by itself. {_tail('supervisord')}")
        for name, state in self._states():
            if state == "FATAL":
                raise CannotStart(f"{name} cannot start; it ended at once {STARTS} times. {_tail(name)}")

    def _states(self) -> Iterator[tuple[str, str]]:
        if not self.socket.exists():
            return  # supervisord is still starting
        with self._server() as server:
            try:
                found = server.supervisor.getAllProcessInfo()
            except (OSError, xmlrpc.client.Error):
                return  # it is busy, or ending; the next look will tell
        assert isinstance(found, list)
        for process in found:
            yield process["name"], process["statename"]

    @contextmanager
    def _server(self) -> Iterator[xmlrpc.client.ServerProxy]:
        transport = SupervisorTransport(None, None, f"unix://{self.socket}")
        with xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport) as server:
            yield server


def _tail(name: str) -> str:
    path = log_file(name)
    lines = path.read_text(errors="replace").splitlines()[-LAST_LINES:] if path.exists() else []
    return "\n".join([f"The last lines of {path}:", *(f"  {line}" for line in lines)])
