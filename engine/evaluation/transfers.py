"""Transfers: the larger networks that a found rule is tried on, as rows. No torch here.

The paper (Bello et al. 2017, section 5) trains a Wide ResNet on CIFAR-10 for 300 epochs with each rule at each of
seven learning rates. Its data and time are a GPU's; the rows here are shorter unless they say otherwise, and every
number of their protocols can be changed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.config import ChildConfig
from engine.errors import UnknownName
from engine.registry import Protocol


@dataclass(frozen=True, slots=True)
class Transfer:
    """One row: a data set, a network and a protocol, of which each learning rate trains all epochs.

    Attributes:
        protocol: values of Protocol that differ from its defaults; the learning rates are the paper's seven.
    """

    name: str
    title: str
    summary: str
    dataset: str
    network: str
    network_settings: dict[str, Any] = field(default_factory=dict)
    protocol: dict[str, Any] = field(default_factory=dict)

    def child(self, **protocol_changes: Any) -> ChildConfig:
        """What is trained, with some values of its protocol changed.

        Raises:
            pydantic.ValidationError: a value is not allowed.
        """
        # A transfer has no sweep and drops no child, so these two say nothing in it.
        values = {"first_epoch_floor": 0.0, **self.protocol, **protocol_changes}
        return ChildConfig(
            dataset=self.dataset,
            network=self.network,
            network_settings=self.network_settings,
            protocol=Protocol.model_validate(values),
        )


TRANSFERS: dict[str, Transfer] = {
    row.name: row
    for row in (
        Transfer(
            "deep-digits",
            "Deeper ConvNet on digits",
            "Four convolutions of 64 filters on digits, 10 epochs: minutes on one core, no download.",
            "digits",
            "convnet",
            {"layers": 4, "filters": 64, "pooling": "global"},
            {"epochs": 10},
        ),
        Transfer(
            "deep-cifar10",
            "Deeper ConvNet on CIFAR-10",
            "Six convolutions of 64 filters on CIFAR-10, 10 epochs of all 45,000 examples: for a GPU.",
            "cifar10",
            "convnet",
            {"layers": 6, "filters": 64, "pooling": "global"},
            {"epochs": 10},
        ),
    )
}


def transfer(name: str) -> Transfer:
    """The row of that name.

    Raises:
        UnknownName: the message lists the names that exist.
    """
    if name not in TRANSFERS:
        raise UnknownName(f"“{name}” is no transfer; there are {', '.join(TRANSFERS)}.")
    return TRANSFERS[name]
