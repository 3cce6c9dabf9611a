"""The fields of a new search, from the registry and the engine's settings models."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.contrib.auth.models import User

from engine.config import ConfirmationConfig, PriorsConfig, ScreeningConfig, SearchConfig
from engine.registry import CONTROLLERS, DATASETS, NETWORKS, PRIMITIVE_SETS, PROTOCOLS, Protocol, Registry
from engine.registry import protocol as preset_protocol
from searchapp import selectors
from searchapp.forms import primitives
from searchapp.forms.settings_fields import SettingsFields
from searchapp.models import Queue

GENERAL = SearchConfig.numbers()
QUICK = "quick"  # the preset with which a first search ends within minutes
FIRST_SET = "signs"
MOST_TEXT = 100_000  # characters of all starting rules


class NewSearchFields(forms.Form):
    """Every field but the name begins with a sensible value."""

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
        self.priors = SettingsFields("priors", PriorsConfig)
        self.screening = SettingsFields("screening", ScreeningConfig)
        self.confirmation = SettingsFields("confirmation", ConfirmationConfig)
        self._add_primitives()
        self._add_child()
        self.fields["controller"] = _choice("Controller", CONTROLLERS, next(iter(CONTROLLERS)))
        for settings in self.controllers.values():
            self.fields |= settings.fields()
        self._add_start_rules()
        for settings in (self.priors, self.screening, self.confirmation, self.general):
            self.fields |= settings.fields()
        # Searches that differ in nothing else would train the same rules again.
        self.fields["seed"].initial = str(secrets.randbelow(1_000_000))
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

    def _add_start_rules(self) -> None:
        self.fields["start_rules"] = forms.CharField(
            label="Starting rules",
            required=False,
            max_length=MOST_TEXT,
            help_text="One a line, such as exp(sign(g) * sign(m)) * g. They are proposed first, and learned from.",
            widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocomplete": "off"}),
        )

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
