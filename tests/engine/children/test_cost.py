"""The estimate before any child was trained: the counted work is the network's own, and more work takes longer."""

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from engine.children import cost, networks
from engine.config import ChildConfig
from engine.registry import DATASETS, NETWORKS, protocol


def test_every_network_has_its_cost_counted():
    assert set(cost.WORK) == set(NETWORKS)


COUNTED = [
    ("convnet", "cifar10", {}),
    ("deep-convnet", "cifar10", {}),
    ("deep-convnet", "digits", {"blocks": 5, "layers": 3, "filters": 8}),
    ("resnet18", "fashion-mnist", {}),
    ("resnet18", "cifar10", {"stem": "large"}),
    ("wide-resnet", "cifar10", {}),
    ("wide-resnet", "digits", {"depth": 22, "width": 1}),
    ("transformer", "python-reference", {"layers": 3, "width": 32}),
    ("mlp", "cifar10", {"layers": 2}),
    ("softmax", "cifar10", {}),
]


@pytest.mark.parametrize(("name", "dataset", "settings"), COUNTED)
def test_counted_multiply_adds_are_those_of_the_network(name, dataset, settings):
    child = ChildConfig(dataset=dataset, network=name, network_settings=settings)
    facts = DATASETS[dataset].facts
    shape = {key: facts[key] for key in ("channels", "size", "length", "classes") if key in facts}
    network = networks.build(name, child.network_settings, **shape).eval()
    size = (1, facts["channels"], facts["size"], facts["size"]) if "size" in facts else (1, facts["length"])
    example = torch.zeros(size, dtype=torch.float32 if "size" in facts else torch.int64)
    # The fused attention is not counted by torch; the plain one is.
    with FlopCounterMode(display=False) as counter, torch.no_grad(), sdpa_kernel(SDPBackend.MATH):
        network(example)
    assert cost.network_work(child).macs == counter.get_total_flops() // 2


def test_each_seed_is_estimated_as_one_more_final_training():
    one, two, three = (
        cost.estimate_seconds(ChildConfig(protocol=protocol("quick", seeds=count))) for count in (1, 2, 3)
    )
    assert three - two == pytest.approx(two - one)
    assert two > one


def test_more_work_is_estimated_longer():
    seconds = {name: cost.estimate_seconds(ChildConfig(protocol=protocol(name))) for name in ("quick", "paper")}
    assert 0 < seconds["quick"] < seconds["paper"]
    big = cost.estimate_seconds(ChildConfig(dataset="cifar10", protocol=protocol("paper")))
    assert big > 100 * seconds["paper"]


def test_half_precision_is_estimated_quicker_where_the_network_gains_from_it():
    def seconds(precision, network="convnet"):
        config = ChildConfig(dataset="cifar10", network=network, protocol=protocol("paper", precision=precision))
        return cost.estimate_seconds(config)

    assert seconds("auto") == seconds("bfloat16") < 0.6 * seconds("float32")
    assert seconds("auto", "softmax") == seconds("float32", "softmax")


def test_a_sweep_side_by_side_shares_the_cost_of_small_steps():
    def seconds(network, rates):
        return cost.estimate_seconds(
            ChildConfig(network=network, network_settings={}, protocol=protocol("quick", learning_rates=rates))
        )

    for network, factor in (("softmax", 1.5), ("resnet18", 1.9)):
        one, seven = seconds(network, (0.1,)), seconds(network, (1e-4, 1e-3, 1e-2, 0.1, 1.0, 2.0, 3.0))
        assert (seven < factor * one) == (network == "softmax")
