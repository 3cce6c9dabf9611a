"""Who writes the rules."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from engine.config.checks import as_value_error
from engine.config.priors import PriorsConfig
from engine.errors import RuleError
from engine.language import Rule
from engine.registry import CONTROLLERS, Settings, find

MAX_START_RULES = 100


class ControllerConfig(Settings):
    """Which controller writes the rules, its settings, and what is known before it starts."""

    name: str = "ppo"
    settings: dict[str, Any] = Field(default_factory=dict)
    priors: PriorsConfig = PriorsConfig()
    redraws: int = Field(
        5,
        title="Draws in place of a duplicate",
        ge=0,
        le=100,
        description="How often a rule that the search has proposed before is drawn again, in the hope of a new one.",
    )
    start_rules: tuple[Annotated[str, StringConstraints(max_length=4000)], ...] = Field(
        (),
        title="Starting rules",
        max_length=MAX_START_RULES,
        description="Rules that are proposed first, in this order, and that the controller learns from; at most 100.",
    )

    @field_validator("name")
    @classmethod
    def _known(cls, name: str) -> str:
        return as_value_error(lambda: find(CONTROLLERS, name).name)

    @field_validator("start_rules")
    @classmethod
    def _readable(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        """Rules are kept as they are printed, so that equal rules are equal configurations."""
        return tuple(_printed(number, text) for number, text in enumerate(texts, 1))

    @model_validator(mode="after")
    def _complete(self) -> Self:
        settings = as_value_error(lambda: find(CONTROLLERS, self.name).check_settings(self.settings))
        object.__setattr__(self, "settings", settings.model_dump(mode="json"))
        return self


def _printed(number: int, text: str) -> str:
    try:
        return Rule.parse(text).text
    except RuleError as error:
        raise ValueError(f"Starting rule {number}, “{text[:80]}”: {str(error).rstrip('.')}") from None
