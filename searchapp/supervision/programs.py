"""The processes of one machine, and supervisor's configuration file that says so."""

import shlex
import socket
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from searchapp.supervision import embedded_redis
from searchapp.supervision.tied import tied

STARTED_AFTER = 2  # seconds that a program must run to count as started
STARTS = 3  # this often is it tried
DISMISSED = 10  # a worker's exit code when the server told it to end, as in workers/run.py: it is not started again


@dataclass(frozen=True, slots=True)
class Program:
    """One process. They start in the order of `priority` and end in the opposite one."""

    name: str
    command: list[str]
    priority: int
    stop_seconds: int  # how long it may take to end before it is killed


def programs(host: str, port: int, workers: int) -> list[Program]:
    """Everything that runs here; a Redis server only where REDIS_URL names none."""
    manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
    found = [
        Program("control", [*manage, "worker", "--control"], 20, 4),
        Program("web", _web(host, port), 30, 4),
    ]
    if settings.REDIS_IS_EMBEDDED:
        found.insert(0, Program("redis", embedded_redis.prepare(settings.VAR_DIR, settings.REDIS_URL), 10, 3))
    for number in range(1, workers + 1):
        # A name that is kept over restarts: a worker gives back at once what its killed predecessor held.
        name = ["--name", f"{socket.gethostname()[:60]}-child-{number}"]
        found.append(Program(f"child-{number}", [*manage, "worker", "--queue", "default", *name], 40, 11))
    return found


def _web(host: str, port: int) -> list[str]:
    address = ["--host", host, "--port", str(port)]
    address += ["--forwarded-allow-ips", settings.FORWARDED_ALLOW_IPS]
    manners = ["--no-access-log", "--lifespan", "off", "--timeout-graceful-shutdown", "2"]
    return [sys.executable, "-m", "uvicorn", "nosweb.asgi:application", *address, *manners]


def log_file(name: str) -> Path:
    return Path(settings.VAR_DIR) / "log" / f"{name}.log"


def config_text(control_socket: Path, found: Iterable[Program]) -> str:
    """supervisord's configuration: these programs, and a control socket that only this user may open.

    Paths of logs are relative to the var folder, where supervisord runs: it reads a percent sign in them twice.
    """
    head = f"""
[supervisord]
nodaemon = true
silent = true
logfile = log/supervisord.log
logfile_maxbytes = 2MB
logfile_backups = 2
pidfile = supervisord.pid
childlogdir = log

[unix_http_server]
file = {_plain(control_socket)}
chmod = 0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""
    return head + "".join(_section(program) for program in found)


def _section(program: Program) -> str:
    return f"""
[program:{program.name}]
command = {_plain(shlex.join(tied(program.command)))}
directory = {_plain(settings.BASE_DIR)}
priority = {program.priority}
autorestart = unexpected
exitcodes = {DISMISSED}
startsecs = {STARTED_AFTER}
startretries = {STARTS - 1}
stopsignal = TERM
stopwaitsecs = {program.stop_seconds}
killasgroup = true
redirect_stderr = true
stdout_logfile = log/{program.name}.log
stdout_logfile_maxbytes = 5MB
stdout_logfile_backups = 3
"""


def _plain(value: object) -> str:
    """supervisor expands `%(name)s` in every value; a doubled sign is the sign itself."""
    return str(value).replace("%", "%%")
