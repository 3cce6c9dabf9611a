"""The form of a transfer: where a rule is tried, from a preset, with every part open to change."""

from __future__ import annotations

from typing import Any

from django import forms
from pydantic import ValidationError

from engine.config import ChildConfig
from engine.evaluation.transfers import TRANSFERS
from engine.registry import DATASETS, NETWORKS, Protocol
from searchapp.forms.settings_fields import SettingsFields

# A transfer trains every rate in full and drops nobody, so the other numbers of a protocol say nothing in it.
NUMBERS = ("learning_rates", "epochs", "train_examples", "validation_examples", "batch_size")
AS_PRESET = "as the preset says"
MOST_NUMBER = 999


class TransferForm(forms.Form):
    """After `is_valid`, `child` is the checked configuration and `title` names it."""

    to = forms.ChoiceField(label="Transfer", choices=[(row.name, row.title) for row in TRANSFERS.values()])
    dataset = forms.ChoiceField(
        label="Data set", required=False, choices=[("", AS_PRESET), *((k, row.title) for k, row in DATASETS.items())]
    )
    network = forms.ChoiceField(
        label="Network", required=False, choices=[("", AS_PRESET), *((k, row.title) for k, row in NETWORKS.items())]
    )
    number = forms.IntegerField(
        label="Fresh seed",
        required=False,
        min_value=0,
        max_value=MOST_NUMBER,
        initial=0,
        help_text="Which of the fresh seeds: transfer again with another number to see the spread.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.networks = {name: SettingsFields(f"network__{name}", row.settings) for name, row in NETWORKS.items()}
        self.protocols = SettingsFields("protocol", Protocol, NUMBERS)
        for settings in self.networks.values():
            self.fields |= settings.fields()
        first = next(iter(TRANSFERS.values())).child().protocol
        self.fields |= self.protocols.fields(as_placeholder=dict(first))
        self.child: ChildConfig | None = None
        self.title = ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        row = TRANSFERS.get(cleaned.get("to", ""))
        if row is None or self.errors:
            return cleaned
        preset = row.child().model_dump(mode="json")
        dataset, network = cleaned["dataset"] or preset["dataset"], cleaned["network"] or preset["network"]
        below = preset["network_settings"] if network == preset["network"] else {}
        typed = self._changed(network, cleaned) if cleaned["network"] else {}
        protocol = self.protocols.check(cleaned, preset["protocol"], self.add_error)
        if protocol is not None:
            values = {"dataset": dataset, "network": network, "network_settings": {**below, **typed}}
            self._check({**values, "protocol": protocol})
        if self.child is not None:
            same = (dataset, network) == (preset["dataset"], preset["network"])
            self.title = row.title if same else f"{NETWORKS[network].title} on {DATASETS[dataset].title}"
        return cleaned

    def _changed(self, network: str, cleaned: dict[str, Any]) -> dict[str, Any]:
        return self.networks[network].check(cleaned, {}, self.add_error) or {}

    def _check(self, values: dict[str, Any]) -> None:
        try:
            self.child = ChildConfig.model_validate(values)
        except ValidationError as error:
            for one in error.errors():
                place = str(one["loc"][0]) if one["loc"] else "network"
                field = place if place in self.fields else "network"
                self.add_error(field, f"{one['msg'].removeprefix('Value error, ')}.")
