"""How long the pages of a search of 100,000 candidates take at the server. Results: benchmarks/RESULTS.md.

    python -m benchmarks.dashboard [--candidates 100000] [--repeat 7] [--postgresql postgres://user@host:5432/postgres]

Writes the search (benchmarks.dashboard_rows) into a fresh database of each kind, asks for every page through the whole
of Django in this process (middleware, session, view, template; no network), and drops the database again. A line says
the median of the repetitions, their range, and the CPU time of this process, which is what a machine that others use
too leaves comparable (SQLite works inside it, PostgreSQL does not). The first request, which loads templates, is not
counted. Of exports the time to the first rows is measured, and then the whole.
"""

from __future__ import annotations

import argparse
import os
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

ORDERS = ("rank", "reward", "confirmed", "size", "times", "first", "rate", "outcome")
FILTERS = {
    "every rule once": "",
    "every proposal": "&outcome=all",
    "uses exp and m": "&uses=exp&uses=m",
    "text “sign(m)”": "&q=sign(m)",
    "size 3 to 5": "&least=3&most=5",
    "trained": "&outcome=trained",
    "confirmed": "&confirmed=on",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--candidates", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--postgresql", default="", help="a server's address; without it SQLite alone is measured")
    parser.add_argument("--inside", default="", help=argparse.SUPPRESS)  # the folder of the process that measures
    options = parser.parse_args()
    if options.inside:
        measure(Path(options.inside), options.candidates, options.repeat)
        return
    with tempfile.TemporaryDirectory(prefix="nos-benchmark-") as folder:
        _run("SQLite", "", Path(folder), options)
        if options.postgresql:
            with _database(options.postgresql) as address:
                _run("PostgreSQL", address, Path(folder), options)


def _run(name: str, address: str, folder: Path, options: argparse.Namespace) -> None:
    """Settings are read when Django starts, so each database has a process of its own."""
    print(f"\n{name}", flush=True)
    place = {"DATABASE_URL": address, "VAR_DIR": str(folder / name), "DJANGO_SETTINGS_MODULE": "nosweb.settings"}
    more = ["--candidates", str(options.candidates), "--repeat", str(options.repeat)]
    command = [sys.executable, "-m", "benchmarks.dashboard", "--inside", str(folder), *more]
    subprocess.run(command, env={**os.environ, **place, "LOG_LEVEL": "ERROR"}, check=True)


@contextmanager
def _database(server: str) -> Iterator[str]:
    """The address of a new database on the server, dropped afterwards."""
    name = f"nos_benchmark_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def measure(folder: Path, count: int, repeat: int) -> None:
    import django  # noqa: PLC0415  Django may be imported once its settings are named
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    Path(os.environ["VAR_DIR"]).mkdir(parents=True, exist_ok=True)
    django.setup()
    settings.ALLOWED_HOSTS.append("testserver")
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    search_id, owner = _write(folder, count)
    Pages(search_id, owner, count, repeat).print_all()


def _write(folder: Path, count: int) -> tuple[int, int]:
    from django.db import connection, transaction  # noqa: PLC0415

    from benchmarks import dashboard_rows  # noqa: PLC0415

    kept = folder / "drawn.pickle"  # our own, of a moment ago
    if not kept.exists():
        kept.write_bytes(pickle.dumps([tuple(row) for row in dashboard_rows.draw(count)]))
    drawn = [dashboard_rows.Drawn(*row) for row in pickle.loads(kept.read_bytes())]
    began = time.perf_counter()
    with transaction.atomic():
        search = dashboard_rows.write(drawn)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")  # as autovacuum does by itself in a while
    print(f"{count:,} candidates, {search.events_count:,} events, written in {time.perf_counter() - began:.0f} s")
    return search.pk, search.owner_id


class Pages:
    """Asks for each page as the search's owner."""

    def __init__(self, search_id: int, owner: int, count: int, repeat: int) -> None:
        from django.contrib.auth.models import User  # noqa: PLC0415
        from django.test import Client  # noqa: PLC0415

        self.client, self.repeat, self.search_id, self.count = Client(), repeat, search_id, count
        self.client.force_login(User.objects.get(pk=owner))

    def print_all(self) -> None:
        here = f"/searches/{self.search_id}/"
        self.line("list of searches", "/searches/")
        self.line("live page", here)
        self.line("its snapshot", f"/api{here}snapshot")
        self.line("its leaderboard", f"{here}leaderboard/")
        self.line("its leaderboard, 500 rows", f"{here}leaderboard/?rows=500")
        self.line("a rule’s page", f"{here}rules/{self.count // 2}/")
        for name, query in FILTERS.items():
            for order in ORDERS:
                for page, number in (("first", 1), ("last", self.count)):
                    address = f"{here}rules/?sort={order}{query}&page={number}"
                    self.line(f"rules: {name}, by {order}, {page} page", address)
        for kind in ("csv", "json"):
            self.first_rows(f"{kind} of every proposal", f"{here}rules/rules.{kind}?outcome=all")
            self.first_rows(f"{kind} of uses exp", f"{here}rules/rules.{kind}?uses=exp&sort=size")

    def line(self, name: str, address: str) -> None:
        size = 0

        def ask() -> None:
            nonlocal size
            answer = self.client.get(address)
            assert answer.status_code == 200, f"{address}: {answer.status_code}"
            size = len(answer.content)

        times = _times(ask, self.repeat)
        walls = [wall for wall, _ in times]
        cpu = statistics.median(cpu for _, cpu in times)
        wall = f"{statistics.median(walls):7.0f} ms  {min(walls):5.0f} to {max(walls):5.0f}"
        print(f"{name:56} {wall}  CPU {cpu:5.0f} ms  {size / 1000:8.0f} kB", flush=True)

    def first_rows(self, name: str, address: str) -> None:
        """The head goes out before anything is read, so the second piece is the one that was worked for."""
        times, whole = list[float](), 0.0
        for _ in range(min(3, self.repeat)):
            began = time.perf_counter()
            pieces = iter(self.client.get(address))
            next(pieces)
            next(pieces)
            times.append(time.perf_counter() - began)
            size = sum(map(len, pieces))
            whole = time.perf_counter() - began
        first = statistics.median(times) * 1000
        print(f"{name:56} {first:7.0f} ms to the first rows, {whole:.1f} s in all, {size / 1e6:.1f} MB", flush=True)


def _times(ask: Callable[[], None], repeat: int) -> list[tuple[float, float]]:
    """Wall time and this process's CPU time of `repeat` calls after one that is not counted, in milliseconds."""
    ask()
    times = []
    for _ in range(repeat):
        wall, cpu = time.perf_counter(), time.process_time()
        ask()
        times.append(((time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000))
    return times


if __name__ == "__main__":
    main()
