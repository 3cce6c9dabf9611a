"""What is checked before anything starts; each failure is a sentence that says what to do."""

import os
import shutil
import socket
from pathlib import Path

import redis
from django.db import connection
from django.db.utils import DatabaseError

from searchapp.supervision.errors import CannotStart

FREE_BYTES = 200 * 2**20  # the database, the logs and the static files of a first run, with room to spare


def check_folder(var_dir: Path) -> None:
    """The var folder can be written and has room."""
    try:
        var_dir.mkdir(parents=True, exist_ok=True)
        for name in ("log", "redis"):
            (var_dir / name).mkdir(exist_ok=True)
    except OSError as error:
        raise CannotStart(f"The folder {var_dir} cannot be made: {error.strerror}.") from None
    if not os.access(var_dir, os.W_OK | os.X_OK):
        raise CannotStart(
            f"The folder {var_dir} cannot be written. Make it writable, or choose another with VAR_DIR=…."
        )
    free = shutil.disk_usage(var_dir).free
    if free < FREE_BYTES:
        raise CannotStart(
            f"Only {free // 2**20} MB are free where {var_dir} lies; {FREE_BYTES // 2**20} MB are needed."
            " Free some space, or choose another folder with VAR_DIR=…."
        )


def check_port(host: str, port: int) -> None:
    """Nobody listens there yet, and this user may."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror:
        raise CannotStart(f"There is no address “{host}”. Choose one of this machine with HOST=127.0.0.1.") from None
    except OSError as error:
        raise CannotStart(
            f"Port {port} of {host} cannot be used: {(error.strerror or str(error)).lower()}."
            f" Choose another with PORT={_other(port)}."
        ) from None


def _other(port: int) -> int:
    return port + 1 if 1024 <= port < 65535 else 8001


def check_database() -> None:
    """The database answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        where = connection.settings_dict["HOST"] or connection.settings_dict["NAME"]
        reason = " ".join(str(error).split())
        raise CannotStart(f"The database at {where} cannot be used ({reason}). See DATABASE_URL.") from None


def check_redis(url: str) -> None:
    """The Redis server that REDIS_URL names answers."""
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5) as client:
            client.ping()
    except (redis.RedisError, OSError, ValueError) as error:
        raise CannotStart(
            f"The Redis server that REDIS_URL names does not answer ({error})."
            " Start it, correct REDIS_URL, or leave REDIS_URL out to use the embedded one."
        ) from None
