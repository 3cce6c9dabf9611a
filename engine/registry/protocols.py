"""Protocols: how a child is trained and judged. A preset is a row whose facts are a Protocol's values."""

from typing import Literal

from pydantic import Field, field_validator

from engine.registry.entry import Entry, Settings, registry

Precision = Literal["auto", "float32", "bfloat16"]
PAPER_RATES = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0)


class Protocol(Settings):
    """The paper's child protocol (section 5), every number a setting.

    Each learning rate trains a fresh network on ``sweep_examples`` examples; the best one then trains a fresh network
    for ``epochs`` epochs; the reward is its validation accuracy after the last one. With several ``seeds`` the final
    training is done as often, from other weights and in another order of the data; the reward is the mean.
    """

    learning_rates: tuple[float, ...] = Field(
        PAPER_RATES, min_length=1, max_length=20, description="Learning rates to try (paper: 10⁻⁵ … 10)."
    )
    sweep_examples: int = Field(
        10_000, ge=1, le=1_000_000, description="Training examples that each learning rate is tried on, one pass."
    )
    epochs: int = Field(5, ge=1, le=1000, description="Epochs of the final training.")
    seeds: int = Field(
        1, ge=1, le=20, description="Final trainings of each child, each from its own seed; the reward is their mean."
    )
    train_examples: int | None = Field(
        None, ge=10, description="Training examples of an epoch; where none is given, the whole training split."
    )
    validation_examples: int | None = Field(
        None, ge=10, description="Validation examples that judge; where none is given, the whole validation split."
    )
    batch_size: int = Field(100, ge=1, le=10_000, description="Examples of a minibatch.")
    first_epoch_floor: float = Field(
        0.30, ge=0, lt=1, description="A child below this accuracy after its first epoch is dropped; 0 drops none."
    )
    precision: Precision = Field(
        "auto",
        description="Numbers that layers compute in. bfloat16: half as many bits, with weights kept in float32; auto: "
        "bfloat16 where the network gains from it and the processor has units for it, else float32.",
    )

    @field_validator("learning_rates")
    @classmethod
    def _positive_and_once(cls, rates: tuple[float, ...]) -> tuple[float, ...]:
        if any(not 0 < rate <= 1000 for rate in rates):
            raise ValueError("learning rates are numbers above 0, at most 1000")
        return tuple(sorted(set(rates)))


def _preset(name: str, title: str, summary: str, **values: object) -> Entry:
    return Entry(name, title, summary, settings=Protocol, facts=values)


PROTOCOLS = registry(
    [
        _preset("paper", "Paper", "Seven learning rates for 10,000 examples each, then five epochs of everything."),
        _preset(
            "quick",
            "Quick",
            "Seven learning rates for one short pass, then two epochs: a child in less than a second on digits.",
            sweep_examples=1000,
            epochs=2,
            first_epoch_floor=0.15,
        ),
        _preset(
            "scaled",
            "Scaled down",
            "The paper's protocol with fewer examples, for CIFAR-10 on a machine without a GPU.",
            sweep_examples=2000,
            epochs=3,
            train_examples=7500,
            validation_examples=1000,
            first_epoch_floor=0.15,
        ),
    ]
)


def protocol(name: str, **changes: object) -> Protocol:
    """The preset of that name with some values changed."""
    from_row = PROTOCOLS[name].facts if name in PROTOCOLS else {}
    return Protocol.model_validate({**from_row, **changes})
