"""Networks: every one takes every data set, and the ConvNet is the paper's."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from engine.children import networks
from engine.children.flat_network import FlatNetwork
from engine.errors import SettingsError, UnknownName
from engine.registry import DATASETS, NETWORKS

SHAPES = [{key: row.facts[key] for key in ("channels", "size", "classes")} for row in DATASETS.values()]


def images(shape, count=4):
    return torch.randn(count, shape["channels"], shape["size"], shape["size"])


@pytest.mark.parametrize("name", list(NETWORKS))
@pytest.mark.parametrize("shape", SHAPES, ids=list(DATASETS))
def test_every_network_classifies_every_data_set_with_its_defaults(name, shape):
    logits = networks.build(name, {}, **shape)(images(shape))
    assert logits.shape == (4, shape["classes"])


@pytest.mark.parametrize("pooling", ["each", "last", "global", "none"])
@pytest.mark.parametrize("layers", [1, 2, 5])
def test_every_pooling_works_with_every_depth_also_when_the_pixels_run_out(pooling, layers):
    network = networks.build("convnet", {"pooling": pooling, "layers": layers, "filters": 4}, **SHAPES[0])
    assert network(images(SHAPES[0])).shape == (4, 10)


def test_the_convnet_is_convolution_batch_norm_relu_and_pooling_twice_then_linear():
    network = networks.build("convnet", {}, **SHAPES[1])
    convolutions = [module for module in network.modules() if isinstance(module, nn.Conv2d)]
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    assert [(c.out_channels, c.kernel_size) for c in convolutions] == [(32, (3, 3)), (32, (3, 3))]
    x = images(SHAPES[1])
    planes = x
    for convolution, norm in zip(convolutions, norms, strict=True):
        planes = F.max_pool2d(F.relu(F.batch_norm(convolution(planes), None, None, norm.weight, norm.bias, True)), 2)
    torch.testing.assert_close(network(x), network.linear(planes.flatten(1)))


def test_wrong_names_and_settings_are_named():
    with pytest.raises(UnknownName, match="convnet, mlp, softmax"):
        networks.build("resnet", {}, **SHAPES[0])
    with pytest.raises(SettingsError, match="filters"):
        networks.build("convnet", {"filters": 0}, **SHAPES[0])


@pytest.mark.parametrize("name", list(NETWORKS))
def test_a_flat_network_has_the_same_gradients_as_the_plain_one(name):
    shape = SHAPES[1]
    plain = networks.build(name, {}, **shape)
    flat = FlatNetwork(networks.build(name, {}, **shape), torch.device("cpu"))
    flat.network.load_state_dict(plain.state_dict())
    x, y = images(shape), torch.tensor([0, 1, 2, 3])
    for _ in range(2):  # The second pass must not add to the first.
        flat.backward(F.cross_entropy(flat.network(x), y))
    F.cross_entropy(plain(x), y).backward()
    for mine, theirs in zip(flat.network.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(mine.grad, theirs.grad)
    assert flat.weights.grad.count_nonzero() > 0


def test_a_step_of_the_flat_parameter_moves_the_network_and_reset_brings_it_back():
    flat = FlatNetwork(networks.build("convnet", {}, **SHAPES[0]), torch.device("cpu"))
    x = images(SHAPES[0])
    before = flat.network.eval()(x)
    flat.network.train()
    flat.backward(F.cross_entropy(flat.network(x), torch.tensor([0, 1, 2, 3])))
    torch.optim.SGD([flat.weights], lr=0.1).step()
    assert not torch.equal(flat.network.eval()(x), before)
    flat.reset()
    assert torch.equal(flat.network(x), before)
