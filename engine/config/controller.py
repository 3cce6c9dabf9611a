"""Who writes the rules."""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from engine.config.checks import as_value_error
from engine.registry import CONTROLLERS, Settings, find


class ControllerConfig(Settings):
    """Which controller writes the rules, and its settings."""

    name: str = "ppo"
    settings: dict[str, Any] = Field(default_factory=dict)

    @field_validator("name")
    @classmethod
    def _known(cls, name: str) -> str:
        return as_value_error(lambda: find(CONTROLLERS, name).name)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        settings = as_value_error(lambda: find(CONTROLLERS, self.name).check_settings(self.settings))
        object.__setattr__(self, "settings", settings.model_dump(mode="json"))
        return self
