"""What the page of a new search shows where: plain data for its template."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.forms import BoundField

from engine.children import datasets
from engine.registry import CONTROLLERS, DATASETS, NETWORKS, PROTOCOLS, Entry, Registry
from engine.registry import protocol as preset_protocol
from searchapp.forms import primitives, texts
from searchapp.forms.new_search import NewSearchForm
from searchapp.forms.settings_fields import SettingsFields


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one choice; shown while that choice is chosen."""

    value: str
    title: str
    applies: bool
    fields: list[BoundField]


@dataclass(frozen=True, slots=True)
class Choice:
    """A field with one line about each option, and the settings of each."""

    field: BoundField
    summaries: dict[str, str]
    settings: tuple[Settings, ...] = ()

    @property
    def summary(self) -> str:
        return self.summaries.get(str(self.field.value() or ""), "")


@dataclass(frozen=True, slots=True)
class Boxes:
    """The boxes of one kind of primitive."""

    field: BoundField
    more: BoundField
    tokens: list[tuple[primitives.Token, bool]]


def choice(form: forms.Form, name: str, rows: Registry, settings: dict[str, SettingsFields] | None = None) -> Choice:
    chosen = str(form[name].value() or "")
    parts = tuple(
        Settings(row, rows[row].title, row == chosen, [form[field] for field in map(one.name, one.names)])
        for row, one in (settings or {}).items()
        if one.names
    )
    return Choice(form[name], {row.name: row.summary for row in rows.values()}, parts)


def dataset_choice(form: forms.Form) -> Choice:
    return Choice(form["dataset"], {name: _dataset_summary(row) for name, row in DATASETS.items()})


def _dataset_summary(row: Entry) -> str:
    """The row's own line, and what is to be done first where the data set is not on this server."""
    if datasets.is_here(row.name):
        return row.summary
    command = f".venv/bin/python manage.py fetch_dataset {row.name}"
    return f"{row.summary} It is not on this server yet; fetch it first, or the training will wait for it: {command}"


def boxes(form: NewSearchForm) -> list[Boxes]:
    return [_boxes(form, kind) for kind in primitives.KINDS]


def _boxes(form: NewSearchForm, kind: str) -> Boxes:
    chosen = set(form[kind].value() or [])
    tokens = [
        (primitives.token(text, primitives.KINDS[kind]), text in chosen) for text in primitives.offered(form.sets, kind)
    ]
    return Boxes(form[kind], form[f"more_{kind}"], tokens)


def _bound(form: forms.Form, settings: SettingsFields) -> list[BoundField]:
    return [form[name] for name in map(settings.name, settings.names)]


def context(form: NewSearchForm) -> dict[str, object]:
    """Everything that the template places, and what its script needs to follow a choice."""
    return {
        "form": form,
        "primitive_set": Choice(form["primitive_set"], {str(row.pk): primitives.summary_of(row) for row in form.sets}),
        "boxes": boxes(form),
        "more_is_open": any(form[f"more_{kind}"].value() for kind in primitives.KINDS) or bool(form.errors),
        "dataset": dataset_choice(form),
        "network": choice(form, "network", NETWORKS, form.networks),
        "protocol": choice(form, "protocol", PROTOCOLS),
        "protocol_fields": _bound(form, form.protocols),
        "controller": choice(form, "controller", CONTROLLERS, form.controllers),
        "start_rules": form["start_rules"],
        "priors_fields": _bound(form, form.priors),
        "screening_fields": _bound(form, form.screening),
        "confirmation_fields": _bound(form, form.confirmation),
        "budget_fields": [form[name] for name in form.general.names if name != "groups"],
        "queue": form["queue"] if "queue" in form.fields else None,
        "script_data": script_data(form),
        "bad_fields": [form[name] for name in form.errors if name in form.fields],
    }


def script_data(form: NewSearchForm) -> dict[str, object]:
    return {
        "sets": {str(row.pk): {kind: getattr(row, kind) for kind in primitives.KINDS} for row in form.sets},
        "presets": {
            name: {form.protocols.name(key): texts.to_text(value) for key, value in dict(preset_protocol(name)).items()}
            for name in PROTOCOLS
        },
    }
