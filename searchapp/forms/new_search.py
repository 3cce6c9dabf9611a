"""The form of a new search: its fields come from the registry and the engine's settings models."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django import forms
from django.contrib.auth.models import User
from pydantic import ValidationError

from engine.config import SearchConfig
from engine.errors import RuleError
from engine.registry import CONTROLLERS, DATASETS, NETWORKS, PRIMITIVE_SETS, PROTOCOLS, Protocol, Registry
from engine.registry import protocol as preset_protocol
from searchapp import selectors
from searchapp.forms import primitives
from searchapp.forms.settings_fields import SettingsFields
from searchapp.models import PrimitiveSet, Queue

GENERAL = ("groups", "budget", "round_size", "rounds_in_flight", "seed")
QUICK = "quick"  # the preset with which a first search ends within minutes
FIRST_SET = "signs"


class NewSearchForm(forms.Form):
    """Name and “start” are enough; every other field begins with a sensible value.

    After `is_valid`, `config` is the checked configuration.
    """

    name = forms.CharField(
        max_length=100,
        label="Name",
        help_text="Up to 100 characters; how you will find it again.",
        error_messages={"required": "A search needs a name, such as “signs on digits”."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": None}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.sets = list(selectors.primitive_sets_for(user))
        self.general = SettingsFields("", SearchConfig, GENERAL)
        self.protocols = SettingsFields("protocol", Protocol)
        self.networks = _by_row(NETWORKS, "network")
        self.controllers = _by_row(CONTROLLERS, "controller")
        self._add_primitives()
        self._add_child()
        self.fields["controller"] = _choice("Controller", CONTROLLERS, next(iter(CONTROLLERS)))
        for settings in self.controllers.values():
            self.fields |= settings.fields()
        self.fields |= self.general.fields()
        self._add_queue()

    # --- fields ---

    def _add_primitives(self) -> None:
        first = next((row for row in self.sets if row.name == PRIMITIVE_SETS[FIRST_SET].title), None)
        first = first or next(iter(self.sets), None)
        options = [(str(row.pk), row.name) for row in self.sets] + [(primitives.OWN_CHOICE, "My own choice")]
        self.fields["primitive_set"] = forms.ChoiceField(
            label="Primitive set",
            choices=options,
            initial=str(first.pk) if first else primitives.OWN_CHOICE,
            help_text="A set as it is, or “My own choice”: then the boxes below count.",
            error_messages={"invalid_choice": "There is no such primitive set; choose one from the list."},
        )
        for kind, title in primitives.KIND_TITLES.items():
            tokens = primitives.offered(self.sets, kind)
            self.fields[kind] = forms.MultipleChoiceField(
                label=title,
                required=False,
                choices=[(token, token) for token in tokens],
                initial=getattr(first, kind, []),
                error_messages={"invalid_choice": f"“%(value)s” is not in the list; there are {', '.join(tokens)}."},
            )
            self.fields[f"more_{kind}"] = forms.CharField(
                label=f"More {title.casefold()}",
                required=False,
                help_text=_MORE[kind],
                widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            )
        self.fields["save_set_as"] = forms.CharField(
            label="Keep my own choice as a set named",
            required=False,
            max_length=100,
            help_text="Empty: not kept.",
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )

    def _add_child(self) -> None:
        self.fields["dataset"] = _choice("Data set", DATASETS, "digits")
        self.fields["network"] = _choice("Network", NETWORKS, next(iter(NETWORKS)))
        for settings in self.networks.values():
            self.fields |= settings.fields()
        self.fields["protocol"] = _choice("Protocol", PROTOCOLS, QUICK)
        self.fields |= self.protocols.fields(as_placeholder=dict(preset_protocol(QUICK)))

    def _add_queue(self) -> None:
        names = list(Queue.objects.values_list("name", flat=True))
        if len(names) > 1:
            self.fields["queue"] = forms.ChoiceField(
                label="Queue",
                choices=[(name, name) for name in names],
                initial=Queue.DEFAULT,
                required=False,
                help_text="Which workers train the children.",
            )

    # --- what was typed ---

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        parts = {
            "primitives": self._primitives(cleaned),
            "child": self._child(cleaned),
            "controller": self._controller(cleaned),
        }
        general = self.general.typed(cleaned)
        complete = {name: part for name, part in parts.items() if part is not None}
        # A part that is wrong has said so; the numbers beside it are checked all the same.
        checked = self._config({**complete, **general}, cleaned, missing=set(parts) - set(complete))
        self.config: SearchConfig | None = None if self.errors else checked
        return cleaned

    def _config(self, values: dict[str, Any], cleaned: dict[str, Any], missing: set[str]) -> SearchConfig | None:
        try:
            return SearchConfig.model_validate(values)
        except ValidationError as error:
            told = [one for one in error.errors() if one["loc"] and one["loc"][0] not in missing]
            self.general.report([one for one in told if one["loc"][0] in GENERAL], cleaned, self._add_known)
            for one in told:
                if one["loc"][0] not in GENERAL:
                    self.add_error(*self._place(str(one["loc"][0]), one["msg"].removeprefix("Value error, ")))
            return None

    def _place(self, part: str, message: str) -> tuple[str | None, str]:
        """The field that an error of a whole part speaks of, and the sentence."""
        field = message.partition(" ")[0].replace(".", "__")
        if field in self.fields:
            label = self.fields[field].label
            return field, f"{label}{message[len(field) - 1 :]}."
        return {"primitives": "primitive_set", "child": "dataset", "controller": "controller"}[part], f"{message}."

    def _add_known(self, field: str, message: str) -> None:
        self.add_error(field if field in self.fields else None, message)

    def _primitives(self, cleaned: dict[str, Any]) -> dict[str, list[str]] | None:
        row = self._set(cleaned)
        if row is not None:
            return {kind: getattr(row, kind) for kind in primitives.KINDS}
        if cleaned.get("primitive_set") != primitives.OWN_CHOICE:
            return None
        chosen = {kind: self._tokens(kind, cleaned) for kind in primitives.KINDS}
        return None if any(self.has_error(name) for kind in chosen for name in (kind, f"more_{kind}")) else chosen

    def _tokens(self, kind: str, cleaned: dict[str, Any]) -> list[str]:
        tokens = list(cleaned.get(kind) or [])
        try:
            tokens += primitives.typed_tokens(cleaned.get(f"more_{kind}") or "", primitives.KINDS[kind])
        except RuleError as error:
            self.add_error(f"more_{kind}", str(error))
        if not tokens and not self.has_error(f"more_{kind}") and not self.has_error(kind):
            self.add_error(kind, f"Choose at least one of the {primitives.KIND_TITLES[kind].casefold()}.")
        return list(dict.fromkeys(tokens))

    def _set(self, cleaned: dict[str, Any]) -> PrimitiveSet | None:
        return next((row for row in self.sets if str(row.pk) == cleaned.get("primitive_set")), None)

    def _child(self, cleaned: dict[str, Any]) -> dict[str, Any] | None:
        network = cleaned.get("network")
        preset = cleaned.get("protocol")
        settings = self._settings(self.networks, network, cleaned)
        below = dict(preset_protocol(preset)) if preset else {}
        protocol = self.protocols.check(cleaned, below, self._add_known)
        if None in (network, preset, settings, protocol, cleaned.get("dataset")):
            return None
        return {"dataset": cleaned["dataset"], "network": network, "network_settings": settings, "protocol": protocol}

    def _controller(self, cleaned: dict[str, Any]) -> dict[str, Any] | None:
        name = cleaned.get("controller")
        settings = self._settings(self.controllers, name, cleaned)
        return None if settings is None else {"name": name, "settings": settings}

    def _settings(
        self, rows: dict[str, SettingsFields], name: str | None, cleaned: dict[str, Any]
    ) -> dict[str, Any] | None:
        """The settings of the chosen row; those of the others do not apply and are not looked at."""
        return rows[name].check(cleaned, {}, self._add_known) if name in rows else None

    @cached_property
    def queue(self) -> Queue | None:
        return Queue.objects.filter(name=self.cleaned_data.get("queue") or Queue.DEFAULT).first()


_MORE = {
    "operands": "Any expression of operands, separated by commas: w(5e-4), sign(v), cd(2).",
    "unary": "With their parameters, separated by commas: clip(0.1), drop(0.2).",
    "binary": "With their parameters, separated by commas: /(1e-4).",
}


def _by_row(rows: Registry, prefix: str) -> dict[str, SettingsFields]:
    return {name: SettingsFields(f"{prefix}__{name}", row.settings) for name, row in rows.items()}


def _choice(label: str, rows: Registry, initial: str) -> forms.ChoiceField:
    names = ", ".join(rows)
    return forms.ChoiceField(
        label=label,
        choices=[(name, row.title) for name, row in rows.items()],
        initial=initial,
        error_messages={
            "required": f"Choose one of {names}.",
            "invalid_choice": f"“%(value)s” is not known; there are {names}.",
        },
    )
