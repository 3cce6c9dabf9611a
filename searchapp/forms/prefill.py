"""A configuration back as what one types: the form of a new search, filled in with the settings of another one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth.models import User
from pydantic import BaseModel

from engine.config import SearchConfig
from engine.registry import PROTOCOLS
from engine.registry import protocol as preset_protocol
from searchapp.forms import primitives, texts
from searchapp.forms.new_search import NewSearchForm
from searchapp.forms.settings_fields import SettingsFields


def prefilled(config: SearchConfig, *, user: User, name: str = "", queue: str = "") -> NewSearchForm:
    """The form that, sent as it is, gives this very configuration."""
    form = NewSearchForm(user=user)
    form.initial = {
        "name": name,
        **_primitives(form, config),
        **_child(form, config),
        "controller": config.controller.name,
        **_typed(form.controllers[config.controller.name], config.controller.settings),
        "start_rules": "\n".join(config.controller.start_rules),
        **_typed(form.priors, config.controller.priors),
        **_typed(form.screening, config.screening),
        **_typed(form.confirmation, config.confirmation),
        **_typed(form.general, config),
    }
    if "queue" in form.fields and queue:
        form.initial["queue"] = queue
    return form


def exact(value: Any) -> str:
    """A setting's text, with as many digits as its value needs."""
    if isinstance(value, tuple | list) and value:
        return ", ".join(map(exact, value))
    text = texts.to_text(value)
    return repr(value) if isinstance(value, float) and float(text) != value else text


def _typed(fields: SettingsFields, values: BaseModel | Mapping[str, Any]) -> dict[str, str]:
    known = values if isinstance(values, Mapping) else dict(values)
    return {fields.name(name): exact(known[name]) for name in fields.names if name in known}


def _primitives(form: NewSearchForm, config: SearchConfig) -> dict[str, Any]:
    """The set that has just these primitives; else the boxes, in whose order they count, and the rest as text."""
    wanted = {kind: list(getattr(config.primitives, kind)) for kind in primitives.KINDS}
    for row in form.sets:
        if all(list(getattr(row, kind)) == tokens for kind, tokens in wanted.items()):
            return {"primitive_set": str(row.pk), **wanted}
    found: dict[str, Any] = {"primitive_set": primitives.OWN_CHOICE}
    for kind, tokens in wanted.items():
        boxes = [token for token in primitives.offered(form.sets, kind) if token in tokens]
        rest = [token for token in tokens if token not in boxes]
        # The order of primitives is part of a search: the same seed gives other rules in another one.
        found[kind], more = (boxes, rest) if boxes + rest == tokens else ([], tokens)
        found[f"more_{kind}"] = ", ".join(more)
    return found


def _child(form: NewSearchForm, config: SearchConfig) -> dict[str, Any]:
    child = config.child
    protocol = dict(child.protocol)
    preset = max(PROTOCOLS, key=lambda name: sum(_same(preset_protocol(name), key, protocol) for key in protocol))
    typed = _typed(form.protocols, child.protocol)
    for key in form.protocols.names:  # a field that is left empty has the preset's value
        field = form.protocols.name(key)
        form.fields[field].widget.attrs["placeholder"] = texts.to_text(getattr(preset_protocol(preset), key))
        is_list = isinstance(form.fields[field].widget, forms.Select)  # which is never empty
        if _same(preset_protocol(preset), key, protocol) and not is_list:
            typed[field] = ""
    return {
        "dataset": child.dataset,
        "network": child.network,
        **_typed(form.networks[child.network], child.network_settings),
        "protocol": preset,
        **typed,
    }


def _same(preset: BaseModel, key: str, protocol: Mapping[str, Any]) -> bool:
    return bool(getattr(preset, key) == protocol[key])
