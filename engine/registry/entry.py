"""What a registry is made of: one row per thing that a user can choose, with the import path of its code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from engine.errors import SettingsError, UnknownName


class Settings(BaseModel):
    """The base of all settings: immutable, and a key that does not exist is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class NoSettings(Settings):
    """For entries with nothing to adjust."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One choice.

    Attributes:
        name: how configurations call it; never changed once released.
        target: ``package.module:attribute`` of its code, imported only by ``load``.
        settings: the pydantic model of what can be adjusted; its field descriptions are the help texts.
        facts: numbers that pages show or compute with, such as a data set's sizes.
    """

    name: str
    title: str
    summary: str
    target: str = ""
    settings: type[Settings] = NoSettings
    facts: dict[str, Any] = field(default_factory=dict)

    def load(self) -> Any:
        """Imports the code and returns the attribute; this is where torch comes in."""
        module, _, attribute = self.target.partition(":")
        return getattr(import_module(module), attribute)

    def check_settings(self, values: dict[str, Any]) -> Settings:
        """The settings with defaults filled in.

        Raises:
            SettingsError: a name or value is not allowed; the message says which and why.
        """
        try:
            return self.settings.model_validate(values)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or self.name
            names = ", ".join(self.settings.model_fields) or "none"
            hint = f"; settings of {self.name}: {names}" if first["type"] == "extra_forbidden" else ""
            raise SettingsError(f"{self.title}, {where}: {first['msg']}{hint}.") from None


Registry = dict[str, Entry]


def registry(rows: Iterable[Entry]) -> Registry:
    return {row.name: row for row in rows}


def find(rows: Registry, name: str) -> Entry:
    """The row of that name.

    Raises:
        UnknownName: the message lists the names that exist.
    """
    if name not in rows:
        raise UnknownName(f"“{name}” is not known; there are {', '.join(rows)}.")
    return rows[name]
