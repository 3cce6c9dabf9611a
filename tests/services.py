"""Servers that tests start for themselves, and the wait for something to become true."""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from searchapp.supervision import embedded_redis
from searchapp.supervision.tied import tied


@contextmanager
def embedded_redis_server(var_dir: Path, url: str) -> Iterator[None]:
    """The product's embedded Redis of this var folder, for as long as the block runs."""
    command = embedded_redis.prepare(var_dir, url)
    process = subprocess.Popen(tied(command), stdout=subprocess.DEVNULL)
    try:
        wait_for(lambda: answers(url), "the embedded Redis")
        yield
    finally:
        process.terminate()
        process.wait(10)


def answers(url: str) -> bool:
    try:
        with redis.Redis.from_url(url) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def wait_for(is_true: Callable[[], object], what: str, seconds: float = 30) -> None:
    """Return once `is_true()`; fail with `what` was awaited when that takes longer."""
    ends = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < ends, f"{what} did not come within {seconds:.0f} s"
        time.sleep(0.05)
