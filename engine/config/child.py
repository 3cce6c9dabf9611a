"""What is trained with each rule."""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from engine.config.checks import as_value_error
from engine.registry import DATASETS, NETWORKS, Protocol, Settings, find


class ChildConfig(Settings):
    """What a child is: data set, network and protocol."""

    dataset: str = "digits"
    network: str = Field("convnet", validate_default=True)  # The default too has to fit the data set.
    network_settings: dict[str, Any] = Field(default_factory=dict)
    protocol: Protocol = Protocol()

    @field_validator("dataset")
    @classmethod
    def _known_dataset(cls, name: str) -> str:
        return as_value_error(lambda: find(DATASETS, name).name)

    @field_validator("network")
    @classmethod
    def _known_network(cls, name: str, info: ValidationInfo) -> str:
        takes = as_value_error(lambda: find(NETWORKS, name)).facts["input"]
        data = DATASETS.get(info.data.get("dataset", ""))  # None where the data set is wrong, which has its message.
        if data is not None and takes != data.facts["input"]:
            fitting = ", ".join(row.name for row in NETWORKS.values() if row.facts["input"] == data.facts["input"])
            raise ValueError(f"{name} takes {takes}, and {data.name} is {data.facts['input']}; for it, take {fitting}")
        return name

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
