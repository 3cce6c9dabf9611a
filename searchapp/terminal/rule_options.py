"""The options of `manage.py rule`, and the rules and children that they name."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from engine.children.devices import check_name
from engine.config import ChildConfig, ConfirmationConfig
from engine.errors import SettingsError
from engine.evaluation.transfers import TRANSFERS, transfer
from engine.language import Rule
from engine.presets import BASELINES, NAMED_RULES, NamedRule, baseline
from engine.registry import DATASETS, NETWORKS, PROTOCOLS, Protocol, find
from searchapp.terminal.files import check_writable
from searchapp.terminal.options import _settings as key_values

DEFAULT_TRANSFER = "deep-convnet-digits"
# A transfer has no sweep, drops nothing and has one seed a training.
TRANSFER_FIELDS = ("learning_rates", "epochs", "train_examples", "validation_examples", "batch_size")
PROTOCOL_FIELDS = tuple(Protocol.model_fields)
LARGEST_SEED = 10_000


def add_transfer(parser: ArgumentParser) -> None:
    add_rule(parser)
    parser.add_argument(
        "--to", metavar="NAME", default=DEFAULT_TRANSFER, help=f"{', '.join(TRANSFERS)} (default {DEFAULT_TRANSFER})"
    )
    _add_seed(parser)
    _add_child(parser, TRANSFER_FIELDS)
    _add_baselines(parser)
    _add_running(parser)


def add_confirm(parser: ArgumentParser) -> None:
    add_rule(parser)
    count = ConfirmationConfig.model_fields["seeds"].default
    parser.add_argument("--seeds", type=int, default=count, metavar="N", help=f"fresh seeds (default {count})")
    parser.add_argument(
        "--protocol", metavar="NAME", default="quick", help=f"one of {', '.join(PROTOCOLS)} (default quick)"
    )
    _add_child(parser, tuple(name for name in PROTOCOL_FIELDS if name != "seeds"))
    _add_baselines(parser)
    _add_running(parser)


def add_paths(parser: ArgumentParser) -> None:
    add_rule(parser)
    _add_seed(parser)
    _add_baselines(parser)
    _add_running(parser)


def add_export(parser: ArgumentParser) -> None:
    add_rule(parser)
    parser.add_argument("-o", "--output", metavar="FILE", default="-", help="- is stdout, the default")
    parser.add_argument("--class-name", metavar="NAME", default="DiscoveredOptimizer", help="of the optimizer class")
    parser.add_argument("--learning-rate", type=float, metavar="X", help="the optimizer's default (else 0.001)")


def add_rule(parser: ArgumentParser) -> None:
    parser.add_argument("rule", help="a rule's text, such as 'exp(sign(g)*sign(m)) * g', or a name, such as powersign")


def _add_seed(parser: ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="which of the fresh seeds (default 0)")


def _add_child(parser: ArgumentParser, fields: Iterable[str]) -> None:
    group = parser.add_argument_group("child")
    group.add_argument("--dataset", metavar="NAME", help=f"one of {', '.join(DATASETS)}")
    group.add_argument("--network", metavar="NAME", help=f"one of {', '.join(NETWORKS)}")
    group.add_argument("--network-setting", nargs="+", default=[], metavar="KEY=VALUE", help="settings of the network")
    for name in fields:
        values: dict[str, Any] = {"nargs": "+"} if name == "learning_rates" else {}
        text = Protocol.model_fields[name].description
        group.add_argument(_flag(name), metavar="X", type=float, help=text, **values)


def _add_baselines(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--baselines",
        nargs="+",
        default=list(BASELINES),
        metavar="NAME",
        help=f"named rules that get the same treatment, or none (default {' '.join(BASELINES)})",
    )


def _add_running(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("running and results")
    group.add_argument("--workers", type=int, default=1, metavar="N", help="rules side by side (default 1)")
    group.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1, … (default auto)")
    group.add_argument("--threads", type=int, default=1, metavar="N", help="threads of each worker (default 1)")
    group.add_argument("--json", metavar="FILE", nargs="?", const="-", help="write all numbers as JSON; - is stdout")


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def check_run(chosen: Namespace) -> None:
    """Refuses, before anything is trained, what could not be run or written afterwards.

    Raises:
        EngineError: with a sentence.
    """
    for name, least, most in (("workers", 1, 1000), ("threads", 1, 1000), ("seeds", 1, 100), ("seed", 0, LARGEST_SEED)):
        value = getattr(chosen, name, least)
        if not least <= value <= most:
            raise SettingsError(f"--{name} is {value}; it must be from {least} to {most:,}.")
    check_name(chosen.device)
    if chosen.json and chosen.json != "-":
        check_writable("json", chosen.json)


def read_rule(text: str) -> NamedRule:
    """The rule of that name or text, under the name that it has, else its text.

    Raises:
        RuleError: it is neither.
    """
    if text in NAMED_RULES:
        return NAMED_RULES[text]
    rule = Rule.parse(text)
    return NamedRule(name="", title=rule.text, text=rule.text)


def read_rules(chosen: Namespace) -> list[NamedRule]:
    """The rule first, then its baselines; one that is the same rule is not trained twice.

    Raises:
        RuleError, UnknownName: with a sentence.
    """
    names = [] if chosen.baselines == ["none"] else list(dict.fromkeys(chosen.baselines))
    first = read_rule(chosen.rule)
    others = [row for row in map(baseline, names) if row.rule.fingerprint != first.rule.fingerprint]
    return [first, *others]


def read_transfer(chosen: Namespace) -> ChildConfig:
    """The child of `--to` with the other options' changes.

    Raises:
        EngineError: with a sentence.
    """
    return _read_child(chosen, transfer(chosen.to).child(), TRANSFER_FIELDS)


def read_proxy(chosen: Namespace) -> ChildConfig:
    """The child of a search: `--protocol` with the other options' changes.

    Raises:
        EngineError: with a sentence.
    """
    facts = find(PROTOCOLS, chosen.protocol).facts
    fields = tuple(name for name in PROTOCOL_FIELDS if hasattr(chosen, name) and name != "seeds")
    return _read_child(chosen, ChildConfig(protocol=Protocol.model_validate(facts)), fields)


def _read_child(chosen: Namespace, base: ChildConfig, fields: Iterable[str]) -> ChildConfig:
    values = base.model_dump(mode="json")
    if chosen.network not in (None, base.network):
        values["network_settings"] = {}  # Those of the other network mean nothing here.
    values["network_settings"] |= key_values(chosen.network_setting)
    values |= {name: getattr(chosen, name) for name in ("dataset", "network") if getattr(chosen, name) is not None}
    values["protocol"] |= {name: getattr(chosen, name) for name in fields if getattr(chosen, name) is not None}
    try:
        return ChildConfig.model_validate(values)
    except ValidationError as error:
        raise SettingsError("\n".join(map(_sentence, error.errors()))) from None


def _sentence(error: Any) -> str:
    """One line that names the option."""
    names = [part for part in error["loc"] if isinstance(part, str)]
    where = f"{_flag(names[-1])}: " if names else ""
    given = f" (given: {error['input']!r})" if isinstance(error["input"], int | float | str) else ""
    return f"{where}{error['msg'].removeprefix('Value error, ')}{given}."
