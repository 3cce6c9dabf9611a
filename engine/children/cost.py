"""How long a child takes, before any was trained: counted work times a measured rate. No torch here.

Measured on one core of an Intel Xeon (Sapphire Rapids), torch 2.13 CPU, one thread, batch 100, rule `m`; the figures
stand beside each rate. Another machine is another factor, the proportions stay: one without units for bfloat16 takes
about twice as long for what counts as half here, as if the protocol asked for float32.

The larger networks in float32, processor time of a step (best of 3 to 20, both cores busy) and what is estimated here:

    deep-convnet  digits 57 ms (51), Fashion-MNIST 432 ms (584), CIFAR-10 604 ms (768)
    wide-resnet   digits 149 ms (130), Fashion-MNIST 1.15 s (1.51), CIFAR-10 1.55 s (1.97)
    resnet18      digits 304 ms (183), CIFAR-10 2.39 s (2.79)
    transformer   Python reference 70 ms (68); 4 layers of width 128: 344 ms (475)

And in bfloat16 (best of 4 to 30, others computing too): convnet CIFAR-10 11.9 ms (14), deep-convnet digits 36 ms (24),
Fashion-MNIST 131 ms (238), wide-resnet digits 99 ms (59).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.children.protocol import final_plan, sweep_plan
from engine.config import ChildConfig
from engine.registry import DATASETS, NETWORKS, Settings, find
from engine.registry.networks import (
    ConvNetSettings,
    DeepConvNetSettings,
    MlpSettings,
    ResNet18Settings,
    TransformerSettings,
    WideResNetSettings,
)

SECONDS_PER_STEP = 0.3e-3  # what a step costs however small the network: mlp on digits, 0.3 ms
SECONDS_PER_LAYER_STEP = 0.6e-3  # of each convolution with norm, or half a transformer block: convnet on digits, 1.6 ms
SECONDS_PER_MAC = 0.085e-9  # per multiply-add forward, the way back included: convnet on CIFAR-10, 25 ms
SECONDS_PER_WIDE_MAC = 0.05e-9  # with 64 filters or more, of which cores make more; the table below
HALF = 0.4  # of that in bfloat16; the table above
SIDE_BY_SIDE = ("convnet", "mlp", "softmax")  # a sweep's members share what a step costs however small
SECONDS_PER_VALUE = 5e-9  # per number of an example, to pick and normalise it: softmax on CIFAR-10
EVALUATION_SHARE = 0.35  # of a training example's time

Facts = dict[str, Any]  # of the data set's registry row


@dataclass(frozen=True, slots=True)
class Work:
    """Of one example's forward pass.

    Attributes:
        macs: multiply-adds.
        layers: how many layers they are in, beside the last one.
        rate: seconds for one of them, forward and back.
    """

    macs: int
    layers: int = 0
    rate: float = SECONDS_PER_MAC


def estimate_seconds(child: ChildConfig) -> float:
    """Seconds that a child takes on one core of the machine above, within a factor of two; loading is not counted."""
    facts, protocol = DATASETS[child.dataset].facts, child.protocol
    work = network_work(child)
    train_examples = protocol.train_examples or int(facts["train"])
    sweep, final = sweep_plan(protocol, train_examples), final_plan(protocol, train_examples)
    rates = len(protocol.learning_rates)
    steps = rates * sweep.total_steps + protocol.seeds * final.total_steps
    trained = steps * min(protocol.batch_size, train_examples)
    judged = rates + protocol.seeds * protocol.epochs
    examples = trained + EVALUATION_SHARE * judged * (protocol.validation_examples or int(facts["validation"]))
    if child.network in SIDE_BY_SIDE:
        steps -= (rates - 1) * sweep.total_steps
    per_step = SECONDS_PER_STEP + work.layers * SECONDS_PER_LAYER_STEP
    rate = work.rate * (HALF if _in_half(child) else 1)
    return steps * per_step + examples * (work.macs * rate + _values(facts) * SECONDS_PER_VALUE)


def _in_half(child: ChildConfig) -> bool:
    """Whether a machine with units for bfloat16 computes in it."""
    precision = child.protocol.precision
    return precision == "bfloat16" or (precision == "auto" and NETWORKS[child.network].facts.get("half_pays", False))


def network_work(child: ChildConfig) -> Work:
    row, facts = find(NETWORKS, child.network), DATASETS[child.dataset].facts
    return WORK[child.network](row.check_settings(child.network_settings), facts)


def _values(facts: Facts) -> int:
    """Numbers of an example."""
    return int(facts["length"]) if facts["input"] == "text" else int(facts["channels"]) * int(facts["size"]) ** 2


def _convolution(size: int, channels: int, filters: int, kernel: int = 3) -> int:
    """Multiply-adds, with an output of size × size."""
    return size * size * kernel * kernel * channels * filters


def _convnet(settings: ConvNetSettings, facts: Facts) -> Work:
    macs, channels, size = 0, int(facts["channels"]), int(facts["size"])
    for layer in range(settings.layers):
        macs += _convolution(size, channels, settings.filters)
        channels = settings.filters
        if size >= 2 and (settings.pooling == "each" or (settings.pooling == "last" and layer == settings.layers - 1)):
            size //= 2
    features = channels if settings.pooling == "global" else channels * size * size
    return Work(macs + features * facts["classes"], settings.layers)


def _deep_convnet(settings: DeepConvNetSettings, facts: Facts) -> Work:
    macs, channels, size = 0, int(facts["channels"]), int(facts["size"])
    for block in range(settings.blocks):
        filters = settings.filters * 2**block
        for _ in range(settings.layers):
            macs += _convolution(size, channels, filters)
            channels = filters
        size = max(1, size // 2)
    return Work(macs + channels * facts["classes"], settings.blocks * settings.layers, SECONDS_PER_WIDE_MAC)


def _resnet18(settings: ResNet18Settings, facts: Facts) -> Work:
    size, small = int(facts["size"]), settings.stem == "small" or (settings.stem == "auto" and facts["size"] <= 64)
    size = size if small else (size + 1) // 2
    macs = _convolution(size, facts["channels"], 64, 3 if small else 7)
    size = size if small else (size + 1) // 2  # max pooling
    return _residual(macs, 64, size, ((64, 1), (128, 2), (256, 2), (512, 2)), 2, facts["classes"])


def _wide_resnet(settings: WideResNetSettings, facts: Facts) -> Work:
    size, filters = int(facts["size"]), 16 * settings.width
    groups = ((filters, 1), (2 * filters, 2), (4 * filters, 2))
    macs = _convolution(size, facts["channels"], 16)
    return _residual(macs, 16, size, groups, (settings.depth - 4) // 6, facts["classes"])


def _residual(
    macs: int, channels: int, size: int, groups: tuple[tuple[int, int], ...], blocks: int, classes: int
) -> Work:
    """Groups of (filters, stride) of so many blocks of two convolutions, after a first layer of ``macs``."""
    for filters, stride in groups:
        size = (size + stride - 1) // stride
        if stride != 1 or channels != filters:
            macs += _convolution(size, channels, filters, 1)
        macs += _convolution(size, channels, filters) + (2 * blocks - 1) * _convolution(size, filters, filters)
        channels = filters
    return Work(macs + channels * classes, 2 * blocks * len(groups), SECONDS_PER_WIDE_MAC)


def _transformer(settings: TransformerSettings, facts: Facts) -> Work:
    length, width = int(facts["length"]), settings.width
    attention = 4 * width * width + 2 * length * width  # its four matrices, then every place with every place
    per_character = settings.layers * (attention + 8 * width * width) + width * int(facts["classes"])
    return Work(length * per_character, 2 * settings.layers)


def _mlp(settings: MlpSettings, facts: Facts) -> Work:
    hidden = settings.hidden
    return Work(_values(facts) * hidden + (settings.layers - 1) * hidden * hidden + hidden * facts["classes"])


def _softmax(settings: Settings, facts: Facts) -> Work:
    return Work(_values(facts) * facts["classes"])


WORK: dict[str, Callable[[Any, Facts], Work]] = {
    "convnet": _convnet,
    "deep-convnet": _deep_convnet,
    "resnet18": _resnet18,
    "wide-resnet": _wide_resnet,
    "transformer": _transformer,
    "mlp": _mlp,
    "softmax": _softmax,
}
