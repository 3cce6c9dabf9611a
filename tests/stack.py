"""The whole product as people start it: `manage.py up` as a process, with a var folder and a port of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from searchapp.supervision.tied import tied
from tests.services import wait_for

ROOT = Path(__file__).parent.parent
OPEN = re.compile(
    r"^Open (?P<address>http://\S+) - sign in as (?P<user>\S+) with password (?P<password>\S+)  \(kept in .+\)$"
)
SETTINGS = {"REDIS_PREFIX", "SECRET_KEY", "DJANGO_SETTINGS_MODULE", "HOST", "ALLOWED_HOSTS"}
START_SECONDS = 120  # a busy machine is slow to import torch
STOP_SECONDS = 40


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Stack:
    """A running `up`. `processes` are all that it started, supervisor and programs included."""

    var_dir: Path
    port: int = field(default_factory=free_port)
    address: str = ""
    user: str = ""
    password: str = ""

    def start(self, *options: str, terminal: int | None = None) -> Self:
        self.output = (self.var_dir.parent / f"{self.var_dir.name}.out").open("w+")
        self.up = subprocess.Popen(
            tied([sys.executable, "manage.py", "up", *options]),  # a test run that is killed leaves no stack
            cwd=ROOT,
            env=environment(self.var_dir, self.port),
            stdin=subprocess.DEVNULL,
            stdout=self.output if terminal is None else terminal,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a process group of its own, as a terminal gives it
        )
        return self

    def wait_until_open(self) -> Self:
        wait_for(lambda: self.printed().startswith("Open ") or self.up.poll() is not None, "`up`", START_SECONDS)
        found = OPEN.match(self.printed().strip())
        assert found, self.printed()
        self.address, self.user, self.password = found.group("address", "user", "password")
        return self

    def printed(self) -> str:
        return Path(self.output.name).read_text()

    def ctrl_c(self) -> int:
        """What a terminal does: SIGINT to the whole group. Returns the exit code."""
        os.killpg(self.up.pid, signal.SIGINT)
        return self.up.wait(STOP_SECONDS)

    def processes(self) -> dict[int, str]:
        """Process ids and commands of everything below `up`."""
        return descendants(self.up.pid)

    def program(self, words: str) -> int:
        """The process id of the program whose command has these words."""
        found = [pid for pid, command in self.processes().items() if words in command]
        assert len(found) == 1, f"{len(found)} processes have “{words}” in {self.processes()}"
        return found[0]


def environment(var_dir: Path, port: int) -> dict[str, str]:
    """This process's environment without what a developer or the test run has set for the application."""
    clean = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    ours = {"VAR_DIR": str(var_dir), "PORT": str(port), "DATABASE_URL": "", "REDIS_URL": ""}
    return {**clean, **ours, "OMP_NUM_THREADS": "1"}


def descendants(root: int) -> dict[int, str]:
    shown = subprocess.run(["ps", "-A", "-ww", "-o", "pid=,ppid=,command="], capture_output=True, text=True, check=True)
    rows = [line.split(None, 2) for line in shown.stdout.splitlines()]
    children: dict[int, list[int]] = {}
    for pid, parent, *_ in rows:
        children.setdefault(int(parent), []).append(int(pid))
    commands = {int(pid): " ".join(rest) for pid, _, *rest in rows}
    found, waiting = dict[int, str](), [root]
    while waiting:
        for pid in children.get(waiting.pop(), []):
            found[pid] = commands[pid]
            waiting.append(pid)
    return found


def alive(pids: list[int]) -> list[int]:
    """Those of them that still run; a zombie that waits for its parent does not."""
    shown = subprocess.run(["ps", "-A", "-o", "pid=,stat="], capture_output=True, text=True, check=True)
    states = dict(line.split(None, 1) for line in shown.stdout.splitlines())
    return [pid for pid in pids if not states.get(str(pid), "Z").startswith("Z")]


@contextmanager
def running_stack(var_dir: Path, *options: str, port: int | None = None) -> Iterator[Stack]:
    """A stack that is open for sign-in; it is ended as Ctrl-C ends it, or by force when that fails."""
    stack = Stack(var_dir, port or free_port()).start(*options)
    try:
        yield stack.wait_until_open()
    finally:
        if stack.up.poll() is None:
            started = list(stack.processes())
            try:
                stack.ctrl_c()
            finally:
                for pid in alive(started):
                    os.kill(pid, signal.SIGKILL)
