"""The networks that children are."""

from typing import Literal

from pydantic import Field

from engine.registry.entry import Entry, NoSettings, Settings, registry


class ConvNetSettings(Settings):
    filters: int = Field(32, ge=1, le=512, description="Filters of each convolution.")
    layers: int = Field(2, ge=1, le=8, description="How many 3×3 convolutions.")
    pooling: Literal["each", "last", "global", "none"] = Field(
        "each", description="2×2 max pooling after each convolution or the last; global: each plane's mean at the end."
    )


class MlpSettings(Settings):
    hidden: int = Field(64, title="Hidden units", ge=1, le=4096, description="Units of each hidden layer.")
    layers: int = Field(1, ge=1, le=8, description="How many hidden layers.")


NETWORKS = registry(
    [
        Entry(
            "convnet",
            "ConvNet",
            "The paper's child: two 3×3 convolutions of 32 filters with batch norm and ReLU, then a linear layer.",
            "engine.children.networks.convnet:build",
            ConvNetSettings,
        ),
        Entry(
            "mlp",
            "Multilayer perceptron",
            "Fully connected layers with ReLU: quick, and hard for no optimizer.",
            "engine.children.networks.mlp:build",
            MlpSettings,
        ),
        Entry(
            "softmax",
            "Softmax regression",
            "One linear layer: a convex problem, the quickest check of a rule.",
            "engine.children.networks.softmax:build",
            NoSettings,
        ),
    ]
)
