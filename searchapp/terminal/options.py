"""The options of `search run`, and the search configuration that they make."""

from __future__ import annotations

import json
import tomllib
from argparse import ArgumentParser, Namespace
from copy import deepcopy
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from engine.children.devices import check_name
from engine.config import ConfirmationConfig, SearchConfig
from engine.errors import SettingsError
from engine.presets import PAPER_SEARCHES
from engine.registry import CONTROLLERS, DATASETS, NETWORKS, PRIMITIVE_SETS, PROTOCOLS, Protocol, find
from searchapp.terminal.files import check_writable

PROTOCOL_FIELDS = tuple(Protocol.model_fields)
SEARCH_FIELDS = SearchConfig.numbers()
CONFIRMATION_OPTIONS = {"top": "--confirm", "seeds": "--confirm-seeds", "baselines": "--baselines"}


def add_config_options(parser: ArgumentParser) -> None:
    """What `read_config` reads: wherever a search runs, it is described alike."""
    _add_search(parser)
    _add_child(parser)
    _add_confirmation(parser)


def add_options(parser: ArgumentParser) -> None:
    add_config_options(parser)
    output = parser.add_argument_group("running and results")
    output.add_argument("--workers", type=int, default=1, help="children trained side by side (default 1)")
    output.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1, … (default auto)")
    output.add_argument("--threads", type=int, default=1, help="threads of each child (default 1)")
    output.add_argument("--state", metavar="FILE", help="keep finished children here; an existing file is continued")
    output.add_argument("--export", metavar="FILE", help="write the best rule as a Python optimizer file")
    output.add_argument("--json", metavar="FILE", nargs="?", const="-", help="write the report as JSON; - is stdout")
    output.add_argument("--top", type=int, default=10, help="rows of the leaderboard (default 10)")


def _add_search(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("search")
    group.add_argument("--config", metavar="FILE", help="a search's configuration as JSON or TOML; options override it")
    group.add_argument(
        "--preset", metavar="NAME", help=f"start from the paper's own search: {', '.join(PAPER_SEARCHES)}"
    )
    group.add_argument(
        "--set", dest="primitive_set", metavar="NAME", help=f"primitive set: {', '.join(PRIMITIVE_SETS)}"
    )
    for kind in ("operands", "unary", "binary"):
        group.add_argument(f"--{kind}", nargs="+", metavar="TOKEN", help=f"{kind} instead of the set's")
    for name in SEARCH_FIELDS:
        group.add_argument(_flag(name), type=int, metavar="N", help=SearchConfig.model_fields[name].description)
    group.add_argument("--controller", metavar="NAME", help=f"one of {', '.join(CONTROLLERS)}")
    group.add_argument("--setting", nargs="+", default=[], metavar="KEY=VALUE", help="settings of the controller")


def _add_child(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("child")
    group.add_argument("--dataset", metavar="NAME", help=f"one of {', '.join(DATASETS)}")
    group.add_argument("--network", metavar="NAME", help=f"one of {', '.join(NETWORKS)}")
    group.add_argument("--network-setting", nargs="+", default=[], metavar="KEY=VALUE", help="settings of the network")
    group.add_argument("--protocol", metavar="NAME", help=f"one of {', '.join(PROTOCOLS)} (default quick)")
    for name, field in Protocol.model_fields.items():
        values: dict[str, Any] = {"nargs": "+", "type": float} if name == "learning_rates" else {"type": float}
        group.add_argument(_flag(name), metavar="X", help=field.description, **values)


def _add_confirmation(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("confirmation", "what is trained again with fresh seeds, after the search")
    fields = ConfirmationConfig.model_fields
    for name, option in CONFIRMATION_OPTIONS.items():
        values: dict[str, Any] = {"nargs": "+", "metavar": "NAME|none"} if name == "baselines" else {"type": int}
        text = fields[name].description
        group.add_argument(option, dest=f"confirmation_{name}", help=text, **{"metavar": "N", **values})


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def read_config(options: Namespace) -> SearchConfig:
    """The configuration of the options.

    Raises:
        EngineError: a sentence that names the option or field, what is wrong and what is allowed.
    """
    values = deepcopy(PAPER_SEARCHES[_known_preset(options.preset)]) if options.preset else {}
    values.update(_from_file(options.config) if options.config else {})
    for part in ("primitives", "child", "controller", "confirmation"):
        if not isinstance(values.setdefault(part, {}), dict):
            raise SettingsError(f"{options.config}: {part} is no table of values.")
    _override_primitives(values, options)
    _override_child(values["child"], options)
    _override(values["controller"], name=options.controller)
    values["controller"].setdefault("settings", {}).update(_settings(options.setting))
    _override_confirmation(values["confirmation"], options)
    _override(values, **{name: getattr(options, name) for name in SEARCH_FIELDS})
    try:
        return SearchConfig.model_validate(values)
    except ValidationError as error:
        raise SettingsError(_sentences(error)) from None


def _known_preset(name: str) -> str:
    if name not in PAPER_SEARCHES:
        raise SettingsError(f"--preset {name} is not known; there are {', '.join(PAPER_SEARCHES)}.")
    return name


def _from_file(name: str) -> dict[str, Any]:
    path = Path(name)
    try:
        text = path.read_text(encoding="utf-8")
        values = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except OSError as error:
        raise SettingsError(f"--config {name}: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"--config {name} is no valid {path.suffix.lstrip('.') or 'JSON'} file: {error}.") from None
    if not isinstance(values, dict):
        raise SettingsError(f"--config {name} holds no table of values.")
    return values


def _override(values: dict[str, Any], **changes: Any) -> None:
    values.update({name: value for name, value in changes.items() if value is not None})


def _override_primitives(values: dict[str, Any], options: Namespace) -> None:
    primitives = values["primitives"]
    if options.primitive_set or not primitives:
        name = options.primitive_set or "signs"
        if name not in PRIMITIVE_SETS:
            raise SettingsError(f"--set {name} is not known; there are {', '.join(PRIMITIVE_SETS)}.")
        preset = PRIMITIVE_SETS[name]
        primitives.update(operands=preset.operands, unary=preset.unary, binary=preset.binary)
    _override(primitives, operands=options.operands, unary=options.unary, binary=options.binary)


def _override_child(child: dict[str, Any], options: Namespace) -> None:
    _override(child, dataset=options.dataset, network=options.network)
    child.setdefault("network_settings", {}).update(_settings(options.network_setting))
    if options.protocol or "protocol" not in child:
        child["protocol"] = dict(find(PROTOCOLS, options.protocol or "quick").facts)
    _override(child["protocol"], **{name: getattr(options, name) for name in PROTOCOL_FIELDS})


def _override_confirmation(confirmation: dict[str, Any], options: Namespace) -> None:
    _override(confirmation, **{name: getattr(options, f"confirmation_{name}") for name in CONFIRMATION_OPTIONS})
    if confirmation.get("baselines") == ["none"]:
        confirmation["baselines"] = ()


def _settings(pairs: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise SettingsError(f"“{pair}” is no setting; write it as KEY=VALUE, such as learning_rate=0.001.")
        found[name] = _value(value)
    return found


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _option(path: tuple[int | str, ...]) -> str:
    """The option that sets this part of a configuration, or the part's own name where several do."""
    names = {"child.dataset": "--dataset", "child.network": "--network", "controller.name": "--controller"}
    names |= {f"confirmation.{name}": option for name, option in CONFIRMATION_OPTIONS.items()}
    whole = ".".join(map(str, path))
    if whole in names:
        return names[whole]
    last = next((part for part in reversed(path) if isinstance(part, str)), "configuration")
    known = {*SEARCH_FIELDS, *PROTOCOL_FIELDS, "operands", "unary", "binary"}
    return _flag(last) if last in known else whole or "configuration"


def _sentences(error: ValidationError) -> str:
    lines = []
    for item in error.errors():
        where = _option(item["loc"])
        given = f" (given: {item['input']!r})" if isinstance(item["input"], int | float | str) else ""
        lines.append(f"{where}: {item['msg'].removeprefix('Value error, ')}{given}.")
    return "\n".join(lines)


def check_run(options: Namespace) -> None:
    """Refuses, before anything is trained, what could not be run or written afterwards.

    Raises:
        EngineError: with a sentence.
    """
    for name in ("workers", "threads", "top"):
        if getattr(options, name) < 1:
            raise SettingsError(f"--{name} is {getattr(options, name)}; it must be at least 1.")
    check_name(options.device)
    _check_files(options)


def _check_files(options: Namespace) -> None:
    """Each file is for one thing: a report written over the state file would lose the search."""
    taken: dict[Path, str] = {}
    for option in ("config", "state", "export", "json"):
        name = getattr(options, option)
        if not name or (option == "json" and name == "-"):
            continue
        other = taken.setdefault(Path(name).resolve(), option)
        if other != option and not _is_device(Path(name)):
            raise SettingsError(f"--{option} and --{other} are the same file, {name}; give each its own.")
        if option in ("export", "json"):
            check_writable(option, name)


def _is_device(path: Path) -> bool:
    """/dev/null and pipes take any number of texts."""
    return path.exists() and not path.is_file()
