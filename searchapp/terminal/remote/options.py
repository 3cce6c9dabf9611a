"""The options of `search remote`."""

from __future__ import annotations

from argparse import SUPPRESS, Action, ArgumentParser, Namespace
from typing import Any

from searchapp.terminal import options
from searchapp.terminal.remote.client import SERVER, TOKEN

ACTIONS = ("pause", "resume", "stop")
PATIENCE = 600.0  # seconds


class RefuseToken(Action):
    """A token among the arguments would stand in the shell's history and in every list of processes."""

    def __call__(self, parser: ArgumentParser, namespace: Namespace, values: Any, option: str | None = None) -> None:
        parser.error(f"{option} is not taken: put the token into the environment variable {TOKEN}")


def add_options(parser: ArgumentParser, parser_class: type[ArgumentParser]) -> None:
    names = "list|start|follow|stop|pause|resume|leaderboard|export"
    verbs = parser.add_subparsers(dest="verb", required=True, metavar=names, parser_class=parser_class)
    _add_list(_verb(verbs, "list", "your searches on the server"))
    _add_start(_verb(verbs, "start", "start a search there, with the options of `search run`"))
    _add_follow(_with_id(_verb(verbs, "follow", "print what happens until the search is over")))
    for action in ACTIONS:
        _with_id(_verb(verbs, action, f"{action} a search"))
    _add_leaderboard(_with_id(_verb(verbs, "leaderboard", "its best rules")))
    _add_export(_with_id(_verb(verbs, "export", "write a rule as a Python optimizer file")))


def _verb(verbs: Any, name: str, text: str) -> ArgumentParser:
    parser: ArgumentParser = verbs.add_parser(name, help=text)
    parser.add_argument("--server", metavar="URL", help=f"the server's address; or {SERVER} in the environment")
    parser.add_argument("--token", action=RefuseToken, help=SUPPRESS)
    return parser


def _with_id(parser: ArgumentParser) -> ArgumentParser:
    parser.add_argument("id", type=int, help="the search's number, as `list` and its page's address show it")
    return parser


def _add_list(parser: ArgumentParser) -> None:
    parser.add_argument("--limit", type=int, default=20, metavar="N", help="at most so many, the newest (default 20)")
    _add_json(parser)


def _add_start(parser: ArgumentParser) -> None:
    parser.add_argument("--name", required=True, help="what the search is called")
    parser.add_argument("--queue", metavar="NAME", help="the queue of its children (default: the server's)")
    parser.add_argument("--create-only", action="store_true", help="save it without starting it")
    parser.add_argument("--follow", action="store_true", help="then follow it")
    _add_follow(parser)
    options.add_config_options(parser)


def _add_follow(parser: ArgumentParser) -> None:
    parser.add_argument("--search-only", action="store_true", help="end with the budget, not with the confirmations")
    parser.add_argument(
        "--patience", type=float, default=PATIENCE, metavar="SECONDS",
        help=f"how long the server may be away before following ends (default {PATIENCE:g})",
    )  # fmt: skip
    _add_json(parser)


def _add_leaderboard(parser: ArgumentParser) -> None:
    parser.add_argument("--top", type=int, default=10, metavar="N", help="rows (default 10)")
    _add_json(parser)


def _add_export(parser: ArgumentParser) -> None:
    parser.add_argument("--rule", type=int, metavar="INDEX", help="the rule's number (default: the best one)")
    parser.add_argument("--output", metavar="FILE", help="where to (default: the server's name for it; - is stdout)")


def _add_json(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")
