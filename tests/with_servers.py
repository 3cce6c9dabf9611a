"""Run a command with real PostgreSQL and Redis: `python -m tests.with_servers COMMAND ARGUMENT...`

Servers that answer on their usual ports (or at TEST_DATABASE_URL and TEST_REDIS_URL) are used with a database name and
keys of this run's own, which the tests remove. Where none answers, a private one is started and removed at the end.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from tests import system
from tests.services import answers, wait_for

SERVER_USER = "postgres"  # the server refuses to run as root


def main(command: list[str]) -> int:
    with ExitStack() as stack:
        database = system.POSTGRES_URL if system.postgres_answers() else stack.enter_context(private_postgres())
        redis = system.REDIS_URL if system.redis_answers() else stack.enter_context(private_redis())
        own_name = urlunsplit(urlsplit(database)._replace(path=f"/nos_{os.getpid()}"))
        servers = {"TEST_DATABASE_URL": own_name, "TEST_REDIS_URL": redis}
        return subprocess.run(command, env={**os.environ, **servers}).returncode


@contextmanager
def private_postgres() -> Iterator[str]:
    """A new cluster in a temporary folder."""
    initdb, pg_ctl = system.postgres_program("initdb"), system.postgres_program("pg_ctl")
    assert initdb, "PostgreSQL is not installed; `python -m tests.system` installs it"
    assert pg_ctl, "pg_ctl is missing beside initdb"
    folder, port = Path(tempfile.mkdtemp(prefix="nos-pg-")), _free_port()
    data, options = str(folder / "data"), f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    try:
        _as_server([initdb, "-D", data, "-U", "tester", "-A", "trust", "--no-sync"], folder)
        _as_server([pg_ctl, "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start"], folder)
        yield f"postgres://tester@127.0.0.1:{port}/postgres"
    finally:
        _as_server([pg_ctl, "-D", data, "-m", "immediate", "stop"], folder, check=False)
        shutil.rmtree(folder, ignore_errors=True)


def _as_server(command: list[str], folder: Path, check: bool = True) -> None:
    user = None
    if os.geteuid() == 0:
        shutil.chown(folder, SERVER_USER)
        user = SERVER_USER
    subprocess.run(
        command, check=check, cwd=folder, user=user, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, close_fds=True
    )


@contextmanager
def private_redis() -> Iterator[str]:
    """A new server on a free port that writes nothing."""
    port = _free_port()
    url = f"redis://127.0.0.1:{port}/0"
    server = subprocess.Popen(
        ["redis-server", "--port", str(port), "--save", ""], stdout=subprocess.DEVNULL, cwd="/tmp"
    )
    try:
        wait_for(lambda: answers(url), "Redis")
        yield url
    finally:
        server.terminate()
        server.wait(10)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
