"""What is trained with each rule."""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from engine.config.checks import as_value_error
from engine.registry import DATASETS, NETWORKS, Protocol, Settings, find


class ChildConfig(Settings):
    """What a child is: data set, network and protocol."""

    dataset: str = "digits"
    network: str = "convnet"
    network_settings: dict[str, Any] = Field(default_factory=dict)
    protocol: Protocol = Protocol()

    @field_validator("dataset")
    @classmethod
    def _known_dataset(cls, name: str) -> str:
        return as_value_error(lambda: find(DATASETS, name).name)

    @field_validator("network")
    @classmethod
    def _known_network(cls, name: str) -> str:
        return as_value_error(lambda: find(NETWORKS, name).name)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        """Settings are stored with their defaults, so that a later default does not change an old search."""
        settings = as_value_error(lambda: find(NETWORKS, self.network).check_settings(self.network_settings))
        object.__setattr__(self, "network_settings", settings.model_dump(mode="json"))
        self._fits("train_examples", "train")
        self._fits("validation_examples", "validation")
        return self

    def _fits(self, field: str, split: str) -> None:
        wanted, there = getattr(self.protocol, field), DATASETS[self.dataset].facts[split]
        if wanted is not None and wanted > there:
            raise ValueError(f"protocol.{field} is {wanted:,}; {self.dataset} has {there:,} {split} examples")
