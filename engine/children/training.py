"""One child, from rule to reward: the paper's protocol from top to bottom (Bello et al. 2017, section 5).

How long that takes and where the time goes is measured in benchmarks/RESULTS.md, Children.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch

from engine.children import datasets, devices, networks, precision, protocol
from engine.children.datasets.dataset import Dataset
from engine.children.datasets.location import data_dir
from engine.children.flat_network import FlatNetwork
from engine.children.memory import keep_freed
from engine.children.population.convnet_gradient import written_out
from engine.children.population.sweep import train_sweep
from engine.children.results import ChildResult
from engine.children.run import Child, train_run
from engine.children.stopping import StopCheck
from engine.config import ChildConfig
from engine.language import Rule

OnEvent = Callable[[dict[str, Any]], None]


def train_child(
    rule: Rule,
    child: ChildConfig,
    seed: int,
    on_event: OnEvent | None = None,
    should_stop: Callable[[], bool] | None = None,
    device: str = "auto",
) -> ChildResult:
    """Trains a child with a rule and gives its reward.

    All runs start from the same weights and see the data in the same order, both from ``seed``; where the protocol has
    several seeds, the n-th final training's come from ``seed + n``, n = 0, 1, … On one kind of CPU, with as many
    threads, the same arguments give the same bits (all but the seconds).

    Args:
        on_event: gets ``{"event": "epoch", "stage", "learning_rate", "epoch", "train_loss", "validation_accuracy"}``.
        should_stop: asked about four times a second.

    Raises:
        ChildStopped: ``should_stop`` said so.
        DatasetError: the data set is not on this machine.
        MachineError: the device is not on this machine.
        SettingsError: a network setting is not allowed.
    """
    started = time.perf_counter()
    prepared = prepare_child(rule, child, seed, on_event, should_stop, device)
    plan = protocol.sweep_plan(child.protocol, prepared.train_examples)
    sweep = train_sweep(prepared, child.protocol.learning_rates, plan)
    chosen = protocol.choose_learning_rate(sweep)
    if chosen is None:
        return protocol.diverged_everywhere(sweep, time.perf_counter() - started)
    plan = protocol.final_plan(child.protocol, prepared.train_examples)
    finals = [train_run(prepared, "final", chosen, plan)]
    for number in range(1, child.protocol.seeds):
        prepared = prepare_child(rule, child, seed + number, on_event, should_stop, device)
        finals.append(train_run(prepared, "final", chosen, plan))
    return protocol.judge(sweep, finals, time.perf_counter() - started)


def prepare_child(
    rule: Rule,
    child: ChildConfig,
    seed: int,
    on_event: OnEvent | None = None,
    should_stop: Callable[[], bool] | None = None,
    device: str = "auto",
) -> Child:
    """Data and fresh weights, ready for any number of runs; arguments and errors as of ``train_child``."""
    # Rules such as clip(1e-5) make numbers so small that CPUs compute with them a hundred times slower: they become 0.
    torch.set_flush_denormal(True)
    keep_freed()
    check_stop, place = StopCheck(should_stop), devices.resolve(device)
    check_stop()
    data = _dataset(child.dataset, data_dir(), place)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)  # Weights are drawn on the CPU, so that every device starts from the same ones.
        network = networks.build(child.network, child.network_settings, **data.shape)
    flat, dtype = FlatNetwork(network, place), precision.resolve(child.protocol.precision, child.network, place)
    return Child(
        rule,
        data,
        flat,
        dtype,
        written_out(flat.network, place, 1, dtype),
        batch_size=child.protocol.batch_size,
        train_examples=child.protocol.train_examples or data.count("train"),
        validation_examples=child.protocol.validation_examples or data.count("validation"),
        seed=seed,
        on_event=on_event or _ignore,
        check_stop=check_stop,
    )


@lru_cache(maxsize=4)
def _dataset(name: str, folder: Path, device: torch.device) -> Dataset:
    """A process that trains many children reads each data set once."""
    return datasets.load(name, folder).to(device)


def _ignore(event: dict[str, Any]) -> None:
    pass
