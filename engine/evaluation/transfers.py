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
            "deep-convnet-digits",
            "Deep ConvNet on digits",
            "Three blocks of two convolutions, 10 epochs: minutes on one core, no download.",
            "digits",
            "deep-convnet",
            {"filters": 32},
            {"epochs": 10},
        ),
        Transfer(
            "wrn-digits",
            "Wide ResNet on digits",
            "A small Wide ResNet (10-2), 10 epochs: minutes on one core, no download.",
            "digits",
            "wide-resnet",
            {"depth": 10, "width": 2},
            {"epochs": 10},
        ),
        Transfer(
            "convnet-fashion",
            "ConvNet on Fashion-MNIST",
            "The paper's child on another data set, 5 epochs of 10,000 examples.",
            "fashion-mnist",
            "convnet",
            {},
            {"epochs": 5, "train_examples": 10_000},
        ),
        Transfer(
            "transformer-text",
            "Transformer on text",
            "A small transformer that guesses each next character of the Python reference, 5 epochs; no download.",
            "python-reference",
            "transformer",
            {},
            {"epochs": 5},
        ),
        Transfer(
            "deep-convnet-cifar10",
            "Deep ConvNet on CIFAR-10",
            "Three blocks of two convolutions, 10 epochs of all 45,000 examples: for a GPU.",
            "cifar10",
            "deep-convnet",
            {},
            {"epochs": 10},
        ),
        Transfer(
            "resnet18-cifar10",
            "ResNet-18 on CIFAR-10",
            "30 epochs of all 45,000 examples: for a GPU.",
            "cifar10",
            "resnet18",
            {},
            {"epochs": 30},
        ),
        Transfer(
            "wrn-cifar10",
            "Wide ResNet on CIFAR-10",
            "The paper's transfer, shortened: Wide ResNet 16-4 for 30 epochs, where the paper trains 300; for a GPU.",
            "cifar10",
            "wide-resnet",
            {"depth": 16, "width": 4},
            {"epochs": 30},
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
