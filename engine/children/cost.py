"""How long a child takes, before any was trained: counted work times a measured rate. No torch here.

Measured on one core of an Intel Xeon (Sapphire Rapids), torch 2.13 CPU, float32, one thread, batch 100, rule `m`;
the figures stand beside each rate. Another machine is another factor, the proportions stay.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.children.protocol import final_plan, sweep_plan
from engine.config import ChildConfig
from engine.registry import DATASETS, NETWORKS, Settings, find
from engine.registry.networks import ConvNetSettings, MlpSettings

SECONDS_PER_STEP = 0.3e-3  # what a step costs however small the network: mlp on digits, 0.4 ms
SECONDS_PER_BLOCK_STEP = 0.6e-3  # of each convolution with batch norm: convnet on digits, 2.8 ms
SECONDS_PER_MAC = 0.085e-9  # per multiply-add of the forward pass, backward pass included: convnet on CIFAR-10, 29 ms
SECONDS_PER_VALUE = 5e-9  # per channel and pixel of an example, to pick and normalise it: softmax on CIFAR-10
EVALUATION_SHARE = 0.35  # of a training example's time


@dataclass(frozen=True, slots=True)
class Work:
    """Of one example's forward pass: multiply-adds, and how many convolution blocks they are in."""

    macs: int
    blocks: int = 0


def estimate_seconds(child: ChildConfig) -> float:
    """Seconds that a child takes on one core of the machine above; an upper estimate, without the first loading."""
    facts, protocol = DATASETS[child.dataset].facts, child.protocol
    work = network_work(child)
    train_examples = protocol.train_examples or int(facts["train"])
    sweep, final = sweep_plan(protocol, train_examples), final_plan(protocol, train_examples)
    rates = len(protocol.learning_rates)
    steps = rates * sweep.total_steps + final.total_steps
    trained = steps * min(protocol.batch_size, train_examples)
    judged = (rates + protocol.epochs) * (protocol.validation_examples or int(facts["validation"]))
    values = int(facts["channels"]) * int(facts["size"]) ** 2
    per_example = work.macs * SECONDS_PER_MAC + values * SECONDS_PER_VALUE
    per_step = SECONDS_PER_STEP + work.blocks * SECONDS_PER_BLOCK_STEP
    return steps * per_step + (trained + EVALUATION_SHARE * judged) * per_example


def network_work(child: ChildConfig) -> Work:
    row, facts = find(NETWORKS, child.network), DATASETS[child.dataset].facts
    settings = row.check_settings(child.network_settings)
    return WORK[child.network](settings, facts["channels"], facts["size"], facts["classes"])


def _convnet(settings: ConvNetSettings, channels: int, size: int, classes: int) -> Work:
    macs = 0
    for layer in range(settings.layers):
        macs += size * size * 9 * channels * settings.filters
        channels = settings.filters
        if size >= 2 and (settings.pooling == "each" or (settings.pooling == "last" and layer == settings.layers - 1)):
            size //= 2
    features = channels if settings.pooling == "global" else channels * size * size
    return Work(macs + features * classes, settings.layers)


def _mlp(settings: MlpSettings, channels: int, size: int, classes: int) -> Work:
    hidden = settings.hidden
    return Work(channels * size * size * hidden + (settings.layers - 1) * hidden * hidden + hidden * classes)


def _softmax(settings: Settings, channels: int, size: int, classes: int) -> Work:
    return Work(channels * size * size * classes)


WORK: dict[str, Callable[[Any, int, int, int], Work]] = {"convnet": _convnet, "mlp": _mlp, "softmax": _softmax}
