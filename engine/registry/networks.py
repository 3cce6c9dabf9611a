"""The networks that children are. A row's fact `input` says which kind of data it takes, as the data sets' does.

The fact `half_pays` says that a step is faster in bfloat16 on a processor with units for it, as measured.
"""

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from engine.registry.entry import Entry, NoSettings, Settings, registry

IMAGES = {"input": "images"}
CONVOLUTIONS = {**IMAGES, "half_pays": True}
TEXT = {"input": "text"}


class ConvNetSettings(Settings):
    filters: int = Field(32, ge=1, le=512, description="Filters of each convolution.")
    layers: int = Field(2, ge=1, le=8, description="How many 3×3 convolutions.")
    pooling: Literal["each", "last", "global", "none"] = Field(
        "each", description="2×2 max pooling after each convolution or the last; global: each plane's mean at the end."
    )


class DeepConvNetSettings(Settings):
    filters: int = Field(64, ge=1, le=256, description="Filters in the first block; each next block has twice as many.")
    blocks: int = Field(3, ge=1, le=5, description="Blocks, each of which ends with 2×2 max pooling.")
    layers: int = Field(2, title="Layers per block", ge=1, le=4, description="3×3 convolutions of each block.")


class ResNet18Settings(Settings):
    stem: Literal["auto", "small", "large"] = Field(
        "auto",
        description="First layer. small: 3×3, for images up to 64 pixels; large: 7×7 with stride 2, then max pooling, "
        "as for ImageNet; auto: by the images' size.",
    )


class WideResNetSettings(Settings):
    depth: int = Field(16, ge=10, le=100, description="Convolutions in a row: 6·n + 4, so 10, 16, 22, 28, 34, 40 …")
    width: int = Field(4, ge=1, le=20, description="How many times more filters than the plain ResNet's 16, 32, 64.")

    @field_validator("depth")
    @classmethod
    def _whole_blocks(cls, depth: int) -> int:
        if depth % 6 != 4:
            lower = depth - (depth - 4) % 6
            raise ValueError(f"a depth is 6·n + 4; the nearest to {depth} are {lower} and {lower + 6}")
        return depth


class TransformerSettings(Settings):
    layers: int = Field(2, ge=1, le=12, description="How many blocks of attention and feed-forward network.")
    width: int = Field(64, ge=8, le=1024, description="Numbers that stand for one character between the layers.")
    heads: int = Field(4, ge=1, le=16, description="Attention heads of each layer; the width divides by them.")

    @field_validator("heads")
    @classmethod
    def _divide_the_width(cls, heads: int, info: ValidationInfo) -> int:
        width = info.data.get("width")  # Absent where the width itself is wrong: that has its own message.
        if width is not None and width % heads:
            raise ValueError(f"the width of {width} cannot be divided evenly among {heads} heads")
        return heads


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
            CONVOLUTIONS,
        ),
        Entry(
            "deep-convnet",
            "Deep ConvNet",
            "Blocks of 3×3 convolutions with batch norm and ReLU, twice the filters after each pooling, as in VGG.",
            "engine.children.networks.deep_convnet:build",
            DeepConvNetSettings,
            CONVOLUTIONS,
        ),
        Entry(
            "resnet18",
            "ResNet-18",
            "torchvision's residual network of 18 layers; with a 3×3 first layer for small images.",
            "engine.children.networks.resnet18:build",
            ResNet18Settings,
            IMAGES,
        ),
        Entry(
            "wide-resnet",
            "Wide ResNet",
            "The paper's larger network (Zagoruyko and Komodakis, 2016): few, wide residual blocks; 16-4 by default.",
            "engine.children.networks.wide_resnet:build",
            WideResNetSettings,
            CONVOLUTIONS,
        ),
        Entry(
            "transformer",
            "Transformer",
            "A small causal transformer that reads text and guesses each next character.",
            "engine.children.networks.transformer:build",
            TransformerSettings,
            TEXT,
        ),
        Entry(
            "mlp",
            "Multilayer perceptron",
            "Fully connected layers with ReLU: quick, and hard for no optimizer.",
            "engine.children.networks.mlp:build",
            MlpSettings,
            IMAGES,
        ),
        Entry(
            "softmax",
            "Softmax regression",
            "One linear layer: a convex problem, the quickest check of a rule.",
            "engine.children.networks.softmax:build",
            NoSettings,
            IMAGES,
        ),
    ]
)
