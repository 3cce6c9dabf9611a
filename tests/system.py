"""System parts that the tests need: found, or installed with apt where this user is root.

`python -m tests.system` installs what is missing: Chromium for the browser tests, PostgreSQL and Redis where no server
answers, `ps` to look at processes.
"""

import getpass
import os
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg

from tests.services import answers

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
POSTGRES_URL = os.environ.get("TEST_DATABASE_URL") or f"postgres://{getpass.getuser()}@127.0.0.1:5432/postgres"
REDIS_URL = os.environ.get("TEST_REDIS_URL") or "redis://127.0.0.1:6379/9"


def chromium() -> str | None:
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def postgres_answers() -> bool:
    try:
        psycopg.connect(POSTGRES_URL, connect_timeout=5).close()
    except psycopg.Error:
        return False
    return True


def redis_answers() -> bool:
    return answers(REDIS_URL)


def postgres_program(name: str) -> str | None:
    """A program of the PostgreSQL server; Debian keeps them out of the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(found[-1]) if found else None)


def missing_packages() -> list[str]:
    """Debian's names of what has to be installed."""
    needed = {
        "chromium": chromium(),
        "postgresql": postgres_answers() or (postgres_program("initdb") and postgres_program("pg_ctl")),
        "redis-server": redis_answers() or shutil.which("redis-server"),
        "procps": shutil.which("ps"),
    }
    return [package for package, there in needed.items() if not there]


def main() -> None:
    packages = missing_packages()
    if not packages:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        sys.exit(f"The tests need {', '.join(packages)}. Install them, or run `make test` as root on Debian or Ubuntu.")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        subprocess.run(["apt-get", *command], check=True, env=quiet, stdin=subprocess.DEVNULL, stdout=sys.stderr)


if __name__ == "__main__":
    main()
