"""Form fields from an engine settings model: one for each number or word that can be adjusted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from searchapp.forms import texts

AddError = Callable[[str, str], None]  # field name, sentence


class SettingsFields:
    """The fields of one model under one prefix, such as `network__convnet`.

    Every field may be left empty: it then has the model's default, or the preset's value. So what is stored is complete
    and what is shown is what was typed.
    """

    def __init__(self, prefix: str, model: type[BaseModel], only: tuple[str, ...] | None = None) -> None:
        self.prefix, self.model = prefix, model
        self.names = [name for name in model.model_fields if only is None or name in only]

    def name(self, setting: str) -> str:
        return f"{self.prefix}__{setting}" if self.prefix else setting

    def fields(self, *, as_placeholder: Mapping[str, Any] | None = None) -> dict[str, forms.Field]:
        """Form fields by name: with the defaults typed in, or empty with these values `as_placeholder`."""
        return {self.name(name): self._field(name, as_placeholder) for name in self.names}

    def _field(self, name: str, as_placeholder: Mapping[str, Any] | None) -> forms.Field:
        info = self.model.model_fields[name]
        common: dict[str, Any] = {"label": info.title or texts.title(name), "help_text": _help(info), "required": False}
        if options := texts.choices(info):
            return forms.CharField(
                **common,
                initial=texts.to_text(info.default),
                widget=forms.Select(choices=[(option, option) for option in options]),
            )
        attributes = {"autocomplete": "off", "inputmode": _input_mode(info), "spellcheck": "false"}
        if as_placeholder is not None:
            attributes["placeholder"] = texts.to_text(as_placeholder[name])
            return forms.CharField(**common, widget=forms.TextInput(attrs=attributes))
        return forms.CharField(**common, initial=texts.to_text(info.default), widget=forms.TextInput(attrs=attributes))

    def typed(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        """The settings that were typed, by their own names."""
        values = {name: (cleaned.get(self.name(name)) or "").strip() for name in self.names}
        return {name: texts.to_value(text, self.model.model_fields[name]) for name, text in values.items() if text}

    def check(self, cleaned: Mapping[str, Any], below: Mapping[str, Any], add_error: AddError) -> dict[str, Any] | None:
        """The settings over those `below` them, or None after naming each wrong one."""
        values = {**below, **self.typed(cleaned)}
        try:
            return self.model.model_validate(values).model_dump(mode="json")
        except ValidationError as error:
            self.report(error.errors(), cleaned, add_error)
            return None

    def report(self, errors: Sequence[ErrorDetails], cleaned: Mapping[str, Any], add_error: AddError) -> None:
        """Say the first thing that is wrong with each setting beside its field."""
        first = {str(details["loc"][0]): details for details in reversed(errors) if details["loc"]}
        for name, details in first.items():
            typed = str(cleaned.get(self.name(name)) or "")
            add_error(self.name(name), texts.sentence(details, self.model.model_fields.get(name), typed))


def _help(info: FieldInfo) -> str:
    allowed = "" if texts.choices(info) else texts.bounds(info)
    description = info.description or ""
    if not allowed:
        return description
    rest = f", or “{texts.WHOLE}”" if texts.is_optional(info) else ""
    return f"{description} {allowed[:1].upper()}{allowed[1:]}{rest}.".strip()


def _input_mode(info: FieldInfo) -> str:
    return "numeric" if texts.base_type(info) is int and not texts.is_optional(info) else "text"
