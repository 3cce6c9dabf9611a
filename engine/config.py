"""The configuration of a search: checked once at the border, immutable inside."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cached_property
from typing import Any, Self, TypeVar

from pydantic import Field, field_validator, model_validator

from engine.errors import EngineError
from engine.language import MAX_GROUPS, Space
from engine.registry import CONTROLLERS, DATASETS, NETWORKS, Protocol, Settings, find

T = TypeVar("T")


def _as_value_error(check: Callable[[], T]) -> T:
    """pydantic turns a ValueError into a field's message; the engine's own errors become one here."""
    try:
        return check()
    except EngineError as error:
        raise ValueError(str(error).rstrip(".")) from None


class PrimitivesConfig(Settings):
    """The tokens that a controller may write with."""

    operands: tuple[str, ...] = Field(min_length=1, max_length=200)
    unary: tuple[str, ...] = Field(min_length=1, max_length=200)
    binary: tuple[str, ...] = Field(min_length=1, max_length=200)

    @model_validator(mode="after")
    def _readable(self) -> Self:
        """Tokens are kept in their one written form, so that equal sets are equal configurations."""
        space = _as_value_error(lambda: Space(self.operands, self.unary, self.binary, 1))
        for kind in ("operands", "unary", "binary"):
            object.__setattr__(self, kind, getattr(space, kind))
        return self


class ChildConfig(Settings):
    """What a child is: data set, network and protocol."""

    dataset: str = "digits"
    network: str = "convnet"
    network_settings: dict[str, Any] = Field(default_factory=dict)
    protocol: Protocol = Protocol()

    @field_validator("dataset")
    @classmethod
    def _known_dataset(cls, name: str) -> str:
        return _as_value_error(lambda: find(DATASETS, name).name)

    @field_validator("network")
    @classmethod
    def _known_network(cls, name: str) -> str:
        return _as_value_error(lambda: find(NETWORKS, name).name)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        """Settings are stored with their defaults, so that a later default does not change an old search."""
        settings = _as_value_error(lambda: find(NETWORKS, self.network).check_settings(self.network_settings))
        object.__setattr__(self, "network_settings", settings.model_dump(mode="json"))
        self._fits("train_examples", "train")
        self._fits("validation_examples", "validation")
        return self

    def _fits(self, field: str, split: str) -> None:
        wanted, there = getattr(self.protocol, field), DATASETS[self.dataset].facts[split]
        if wanted is not None and wanted > there:
            raise ValueError(f"protocol.{field} is {wanted:,}; {self.dataset} has {there:,} {split} examples")


class ControllerConfig(Settings):
    """Which controller writes the rules, and its settings."""

    name: str = "ppo"
    settings: dict[str, Any] = Field(default_factory=dict)

    @field_validator("name")
    @classmethod
    def _known(cls, name: str) -> str:
        return _as_value_error(lambda: find(CONTROLLERS, name).name)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        settings = _as_value_error(lambda: find(CONTROLLERS, self.name).check_settings(self.settings))
        object.__setattr__(self, "settings", settings.model_dump(mode="json"))
        return self


class SearchConfig(Settings):
    """All that determines a search: the same configuration gives the same rules."""

    primitives: PrimitivesConfig
    groups: int = Field(2, ge=1, le=MAX_GROUPS, description="Groups of five tokens in each rule.")
    child: ChildConfig = ChildConfig()
    controller: ControllerConfig = ControllerConfig()
    budget: int = Field(100, ge=1, le=1_000_000, description="Candidates in all, duplicates included.")
    round_size: int = Field(5, ge=1, le=1000, description="Candidates that the controller proposes at once (paper: 5).")
    rounds_in_flight: int = Field(
        2, ge=1, le=100, description="Rounds that are trained at the same time; more keep more workers busy."
    )
    seed: int = Field(0, ge=0, le=2**63 - 1, description="The same seed gives the same rules.")

    @cached_property
    def space(self) -> Space:
        return Space(self.primitives.operands, self.primitives.unary, self.primitives.binary, self.groups)

    def child_seed(self, fingerprint: str) -> int:
        """The seed of a rule's child: the same wherever and whenever it is computed."""
        digest = hashlib.sha256(f"child:{self.seed}:{fingerprint}".encode()).digest()
        return int.from_bytes(digest[:6], "big")
