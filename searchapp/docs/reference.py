"""The tables of the documentation, each from the registry or settings model that the program itself uses."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from engine.config import ConfirmationConfig, SearchConfig
from engine.config.controller import ControllerConfig
from engine.config.priors import PriorsConfig
from engine.config.screening import ScreeningConfig
from engine.evaluation.surfaces import SURFACES
from engine.evaluation.transfers import TRANSFERS
from engine.presets import NAMED_RULES
from engine.registry import CONTROLLERS, DATASETS, NETWORKS, PRIMITIVE_SETS, PROTOCOLS, Protocol, Registry
from searchapp.docs import addresses, shortcuts
from searchapp.forms import primitives as forms
from searchapp.forms import texts
from searchapp.sets.explained import all_primitives, allowed


@dataclass(frozen=True, slots=True)
class Setting:
    name: str
    title: str
    default: str
    help: str
    allowed: str


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    title: str
    summary: str
    settings: list[Setting] = field(default_factory=list)
    mathml: str = ""


def settings_of(model: type[BaseModel], only: Iterable[str] | None = None) -> list[Setting]:
    names = model.model_fields if only is None else only
    return [_setting(name, model.model_fields[name]) for name in names]


def _setting(name: str, info: FieldInfo) -> Setting:
    default = "" if info.is_required() else texts.to_text(info.get_default(call_default_factory=True))
    return Setting(name, info.title or texts.title(name), default, info.description or "", texts.allowed(info))


def rows_of(registry: Registry) -> list[Row]:
    return [Row(one.name, one.title, one.summary, settings_of(one.settings)) for one in registry.values()]


def _protocols() -> list[Row]:
    """Presets differ by values, not by fields: each row shows its own."""
    found = []
    for row in PROTOCOLS.values():
        values = row.settings.model_validate(row.facts)
        settings = [
            Setting(name, info.title or texts.title(name), texts.to_text(getattr(values, name)), "", "")
            for name, info in Protocol.model_fields.items()
        ]
        found.append(Row(row.name, row.title, row.summary, settings))
    return found


def _primitives() -> dict[str, Any]:
    kinds = [(forms.KIND_TITLES[kind], all_primitives(singular)) for kind, singular in forms.KINDS.items()]
    return {
        "kinds": [
            (
                title,
                [(one, [(p, allowed(p)) for p in one.primitive.parameters] if one.primitive else []) for one in rows],
            )
            for title, rows in kinds
        ],
        "presets": PRIMITIVE_SETS.values(),
    }


def _controllers() -> dict[str, Any]:
    config = SearchConfig.model_fields
    return {
        "controllers": rows_of(CONTROLLERS),
        "search_settings": settings_of(SearchConfig, [n for n in config if n in SearchConfig.numbers()]),
        "controller_settings": settings_of(ControllerConfig, ["redraws", "start_rules"]),
        "priors": settings_of(PriorsConfig),
        "screening": settings_of(ScreeningConfig),
    }


def _protocol() -> dict[str, Any]:
    return {
        "datasets": rows_of(DATASETS),
        "networks": rows_of(NETWORKS),
        "protocols": _protocols(),
        "protocol_settings": settings_of(Protocol),
    }


def _confirmation() -> dict[str, Any]:
    named = [Row(row.name, row.title, row.text, mathml=row.rule.mathml) for row in NAMED_RULES.values()]
    return {"confirmation": settings_of(ConfirmationConfig), "named_rules": named}


def _transfer() -> dict[str, Any]:
    return {
        "transfers": [Row(row.name, row.title, row.summary) for row in TRANSFERS.values()],
        "surfaces": [Row(row.name, row.title, row.latex) for row in SURFACES.values()],
    }


CONTEXTS: dict[str, Callable[[], dict[str, Any]]] = {
    "primitives": _primitives,
    "controllers": _controllers,
    "protocol": _protocol,
    "confirmation": _confirmation,
    "transfer": _transfer,
    "api": lambda: {"addresses": addresses.all_addresses()},
    "shortcuts": lambda: {"shortcut_groups": shortcuts.GROUPS},
}


def context_of(slug: str) -> dict[str, Any]:
    """What the template of a page places besides its own text."""
    return CONTEXTS.get(slug, dict)()
