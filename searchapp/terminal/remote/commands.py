"""What each verb of `search remote` does. Results go to stdout, everything else to stderr."""

from __future__ import annotations

import json
import re
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console

from engine.errors import EngineError, SettingsError
from searchapp.terminal import files, options
from searchapp.terminal.remote import tables
from searchapp.terminal.remote.client import REFUSED, WRONG_VALUE, Remote, RemoteError
from searchapp.terminal.remote.follow import Follower
from searchapp.terminal.remote.follow import follow as follow_events
from searchapp.terminal.remote.options import ACTIONS

SEARCH_FAILED = 3  # exit code of a search that was followed to a bad end
FILE_NAME = re.compile(r'filename="([A-Za-z0-9_-][A-Za-z0-9_.-]*\.py)"')


def run(chosen: Namespace, transport: httpx.BaseTransport | None = None) -> int:
    """Do what was asked for; the exit code. Raises RemoteError."""
    verbs: dict[str, Callable[[Remote, Namespace], int]] = {
        "list": list_searches, "start": start, "follow": follow, "leaderboard": leaderboard, "export": export,
        **dict.fromkeys(ACTIONS, act),
    }  # fmt: skip
    with Remote(chosen.server, transport) as remote:
        if remote.is_in_the_clear:
            _tell(f"The token goes to {remote.server} unencrypted; use https where others share the network.")
        return verbs[chosen.verb](remote, chosen)


def _tell(sentence: str) -> None:
    Console(stderr=True).print(sentence, markup=False, highlight=False, soft_wrap=True)


def _show(rows: Any, as_json: bool, table: Callable[[Any], Any]) -> int:
    if as_json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        Console().print(table(rows), markup=False, highlight=False, soft_wrap=True)
    return 0


def list_searches(remote: Remote, chosen: Namespace) -> int:
    return _show(remote.get("searches/", limit=chosen.limit), chosen.json, tables.searches)


def start(remote: Remote, chosen: Namespace) -> int:
    """The configuration is checked here first, then by the server, which may know other names."""
    try:
        config = options.read_config(chosen)
    except EngineError as error:
        raise RemoteError(str(error), WRONG_VALUE) from None
    body: dict[str, Any] = {"name": chosen.name, "config": config.model_dump(mode="json"), "queue": chosen.queue}
    made = remote.post("searches/", {**body, "start": not chosen.create_only})
    _tell(f"{remote.server}/searches/{made['id']}/")
    if chosen.follow:
        chosen.id = made["id"]
        return follow(remote, chosen)
    return _show(made, chosen.json, tables.summary)


def act(remote: Remote, chosen: Namespace) -> int:
    return _show(remote.post(f"searches/{chosen.id}/{chosen.verb}"), False, tables.summary)


def follow(remote: Remote, chosen: Namespace) -> int:
    follower = Follower(remote, chosen.id, chosen.search_only, chosen.patience, _tell)
    summary = follow_events(follower, Console(), chosen.json)
    _tell(tables.summary(summary))
    return SEARCH_FAILED if summary["status"] == "failed" else 0


def leaderboard(remote: Remote, chosen: Namespace) -> int:
    return _show(remote.get(f"searches/{chosen.id}/leaderboard", limit=chosen.top), chosen.json, tables.leaderboard)


def export(remote: Remote, chosen: Namespace) -> int:
    if chosen.output not in (None, "-"):
        _check_writable(chosen.output)
    index = chosen.rule if chosen.rule is not None else _best(remote, chosen.id)
    answer = remote.file(f"searches/{chosen.id}/candidates/{index}/optimizer.py")
    if chosen.output == "-":
        print(answer.text, end="")
        return 0
    name = chosen.output or _name(answer, index)
    _write(name, answer.text)
    _tell(f"Wrote {name}: rule {index} of search {chosen.id}.")
    return 0


def _best(remote: Remote, search_id: int) -> int:
    rows = remote.get(f"searches/{search_id}/leaderboard", limit=1)
    if not rows:
        raise RemoteError("No rule of this search has a reward yet.")
    return int(rows[0]["index"])


def _name(answer: httpx.Response, index: int) -> str:
    """The server's name for the file, as long as it is a plain one: never a path."""
    found = FILE_NAME.search(answer.headers.get("Content-Disposition", ""))
    name = found[1] if found else f"rule_{index}.py"
    if Path(name).exists():
        raise RemoteError(f"{name} is there already; choose another one with --output.", WRONG_VALUE)
    return name


def _check_writable(name: str) -> None:
    try:
        files.check_writable("output", name)
    except SettingsError as error:
        raise RemoteError(str(error), WRONG_VALUE) from None


def _write(name: str, text: str) -> None:
    try:
        files.write_whole(Path(name), text)
    except OSError as error:
        raise RemoteError(f"{name} cannot be written: {error}.", REFUSED) from None
