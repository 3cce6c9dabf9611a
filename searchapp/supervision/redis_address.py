"""Where Redis is: the address of the embedded server, and an address spelled as Celery does.

The embedded server listens on a Unix socket in the var folder. A socket's path may have about 100 bytes; where the
var folder lies deeper, the embedded server listens on 127.0.0.1 instead, with a password, and keeps its address in
`redis/url` so that every process finds it.
"""

import secrets
import socket
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

LONGEST_SOCKET_PATH = 100  # bytes; the kernel's limit is 108 on Linux and 104 on macOS


def embedded(var_dir: Path) -> str:
    """The address of the embedded server of this var folder: `unix://…` or `redis://:password@127.0.0.1:port/0`."""
    path = socket_path(var_dir)
    if len(str(path).encode()) <= LONGEST_SOCKET_PATH:
        return f"unix://{path}"
    kept = address_file(var_dir)
    return kept.read_text().strip() if kept.exists() else new_port(var_dir)


def socket_path(var_dir: Path) -> Path:
    return var_dir / "redis" / "redis.sock"


def address_file(var_dir: Path) -> Path:
    return var_dir / "redis" / "url"


def new_port(var_dir: Path) -> str:
    """Choose a free port and a password for the embedded server and keep them (mode 0600)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"redis://:{secrets.token_urlsafe(24)}@127.0.0.1:{port}/0"
    kept = address_file(var_dir)
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.touch(mode=0o600)
    kept.write_text(url + "\n")
    return url


def for_celery(url: str) -> str:
    """The same address as Celery's transport spells it: a Unix socket is `redis+socket://path?virtual_host=db`."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    database = parse_qs(parts.query).get("db", ["0"])[0]
    user = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
    return f"redis+socket://{user}{parts.path}?virtual_host={database}"


def is_taken(url: str) -> bool:
    """Is somebody else on the embedded server's port? Never so for a socket: the server replaces a stale one."""
    port = urlsplit(url).port
    if port is None:
        return False
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
