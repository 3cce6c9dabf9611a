"""The form of a new search: what was typed becomes a configuration that the engine has checked."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django import forms
from pydantic import ValidationError

from engine.config import SearchConfig
from engine.errors import RuleError
from engine.registry import protocol as preset_protocol
from searchapp.forms import primitives
from searchapp.forms.search_fields import GENERAL, NewSearchFields
from searchapp.forms.settings_fields import SettingsFields
from searchapp.models import PrimitiveSet, Queue
from searchapp.names import BadName, checked_name


class NewSearchForm(NewSearchFields):
    """Name and “start” are enough. After `is_valid`, `config` is the checked configuration."""

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        try:
            return checked_name(name) if name else name  # an estimate needs none
        except BadName as error:
            raise forms.ValidationError(str(error)) from None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        parts = {
            "primitives": self._primitives(cleaned),
            "child": self._child(cleaned),
            "controller": self._controller(cleaned),
            "screening": self.screening.check(cleaned, {}, self._add_known),
            "confirmation": self.confirmation.check(cleaned, {}, self._add_known),
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
                    self.add_error(*self._place(one["loc"], one["msg"].removeprefix("Value error, ")))
            return None

    def _place(self, where: tuple[int | str, ...], message: str) -> tuple[str | None, str]:
        """The field that an error of a whole part speaks of, and the sentence."""
        part = str(where[0])
        if "start_rules" in where or message.startswith("Starting rule"):
            return "start_rules", f"{message}."
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
        priors = self.priors.check(cleaned, {}, self._add_known)
        if settings is None or priors is None:
            return None
        lines = [line.strip() for line in (cleaned.get("start_rules") or "").splitlines()]
        return {"name": name, "settings": settings, "priors": priors, "start_rules": [line for line in lines if line]}

    def _settings(
        self, rows: dict[str, SettingsFields], name: str | None, cleaned: dict[str, Any]
    ) -> dict[str, Any] | None:
        """The settings of the chosen row; those of the others do not apply and are not looked at."""
        return rows[name].check(cleaned, {}, self._add_known) if name in rows else None

    @cached_property
    def queue(self) -> Queue | None:
        return Queue.objects.filter(name=self.cleaned_data.get("queue") or Queue.DEFAULT).first()
