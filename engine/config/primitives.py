"""The tokens of a search."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from engine.config.checks import as_value_error
from engine.language import Space
from engine.registry import Settings


class PrimitivesConfig(Settings):
    """The tokens that a controller may write with."""

    operands: tuple[str, ...] = Field(min_length=1, max_length=200)
    unary: tuple[str, ...] = Field(min_length=1, max_length=200)
    binary: tuple[str, ...] = Field(min_length=1, max_length=200)

    @model_validator(mode="after")
    def _readable(self) -> Self:
        """Tokens are kept in their one written form, so that equal sets are equal configurations."""
        space = as_value_error(lambda: Space(self.operands, self.unary, self.binary, 1))
        for kind in ("operands", "unary", "binary"):
            object.__setattr__(self, kind, getattr(space, kind))
        return self
