"""Half precision is chosen where it pays, and a child trained in it is as good."""

import pytest
import torch

from engine.children import precision
from engine.children.training import prepare_child, train_child
from engine.config import ChildConfig
from engine.language import Rule
from engine.registry import protocol

CPU = torch.device("cpu")


@pytest.mark.parametrize("units", [True, False])
def test_auto_takes_half_precision_where_network_and_processor_gain(units, monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"amx_bf16": units})
    assert precision.resolve("auto", "convnet", CPU) == (torch.bfloat16 if units else torch.float32)
    assert precision.resolve("auto", "mlp", CPU) == torch.float32


def test_what_is_asked_for_is_taken_on_every_processor(monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)  # Processors that tell nothing have no such units.
    assert precision.resolve("bfloat16", "mlp", CPU) == torch.bfloat16
    assert precision.resolve("float32", "convnet", CPU) == torch.float32
    assert not precision.has_matrix_units(CPU)


@pytest.mark.parametrize(("capability", "units"), [((7, 5), False), ((8, 0), True), ((9, 0), True)])
def test_gpus_have_units_for_it_since_ampere(capability, units, monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    assert precision.has_matrix_units(torch.device("cuda")) == units


@pytest.mark.parametrize("network", ["convnet", "mlp", "deep-convnet"])
def test_weights_and_logits_stay_float32(network):
    settings = {"filters": 4, "layers": 1} if network == "deep-convnet" else {}
    config = ChildConfig(network=network, network_settings=settings, protocol=protocol("quick", precision="bfloat16"))
    child = prepare_child(Rule.parse("g"), config, 1, device="cpu")
    images, labels = child.data.batch("train", slice(0, 20))
    assert child.computes_in == torch.bfloat16
    assert child.network.weights.dtype == child.logits(images).dtype == torch.float32
    assert child.gradient(images, labels).dtype == child.network.weights.grad.dtype == torch.float32
    assert child.network.weights.grad.count_nonzero() > 0


def test_a_child_in_half_precision_learns_as_much():
    """Of 250 images; the means of 96 such pairs differed by 0.001, with a standard error of 0.001."""
    rewards = [
        train_child(Rule.parse("m"), ChildConfig(protocol=protocol("quick", precision=name)), 1, device="cpu").reward
        for name in ("float32", "bfloat16")
    ]
    assert rewards[1] == pytest.approx(rewards[0], abs=0.05)
    assert min(rewards) > 0.85
