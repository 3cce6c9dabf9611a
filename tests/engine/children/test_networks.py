"""Networks: every one takes the data sets that it fits, and has the shape that its paper gives it."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from engine.children import networks
from engine.children.flat_network import FlatNetwork
from engine.errors import SettingsError, UnknownName
from engine.registry import DATASETS, NETWORKS

KEYS = {"images": ("channels", "size", "classes"), "text": ("length", "classes")}
SHAPES = {name: {key: row.facts[key] for key in KEYS[row.facts["input"]]} for name, row in DATASETS.items()}
PAIRS = [
    (network, data)
    for network, row in NETWORKS.items()
    for data in SHAPES
    if row.facts["input"] == DATASETS[data].facts["input"]
]
DIGITS, CIFAR10, TEXT = SHAPES["digits"], SHAPES["cifar10"], SHAPES["python-reference"]
FITTING = {network: data for network, data in PAIRS if data in ("cifar10", "python-reference")}


def images(shape, count=4):
    return torch.randn(count, shape["channels"], shape["size"], shape["size"])


def inputs(shape, count=4):
    return images(shape, count) if "size" in shape else torch.randint(shape["classes"], (count, shape["length"]))


def targets(shape, count=4):
    return torch.arange(count if "size" in shape else count * shape["length"]) % shape["classes"]


def parameters(name, settings, shape):
    return sum(p.numel() for p in networks.build(name, settings, **shape).parameters())


@pytest.mark.parametrize(("name", "data"), PAIRS)
def test_every_network_takes_every_data_set_that_it_fits_with_its_defaults(name, data):
    shape = SHAPES[data]
    with torch.no_grad():
        logits = networks.build(name, {}, **shape)(inputs(shape, 2))
    assert logits.shape == (len(targets(shape, 2)), shape["classes"])


def test_every_data_set_has_a_network_and_every_network_a_data_set():
    assert {network for network, _ in PAIRS} == set(NETWORKS)
    assert {data for _, data in PAIRS} == set(DATASETS)


@pytest.mark.parametrize("pooling", ["each", "last", "global", "none"])
@pytest.mark.parametrize("layers", [1, 2, 5])
def test_every_pooling_works_with_every_depth_also_when_the_pixels_run_out(pooling, layers):
    network = networks.build("convnet", {"pooling": pooling, "layers": layers, "filters": 4}, **DIGITS)
    assert network(images(DIGITS)).shape == (4, 10)


def test_the_convnet_is_convolution_batch_norm_relu_and_pooling_twice_then_linear():
    network = networks.build("convnet", {}, **CIFAR10)
    convolutions = [module for module in network.modules() if isinstance(module, nn.Conv2d)]
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    assert [(c.out_channels, c.kernel_size) for c in convolutions] == [(32, (3, 3)), (32, (3, 3))]
    x = images(CIFAR10)
    planes = x
    for convolution, norm in zip(convolutions, norms, strict=True):
        planes = F.max_pool2d(F.relu(F.batch_norm(convolution(planes), None, None, norm.weight, norm.bias, True)), 2)
    torch.testing.assert_close(network(x), network.linear(planes.flatten(1)))


def test_wrong_names_and_settings_are_named():
    with pytest.raises(UnknownName, match=", ".join(NETWORKS)):
        networks.build("perceptron", {}, **DIGITS)
    with pytest.raises(SettingsError, match="filters"):
        networks.build("convnet", {"filters": 0}, **DIGITS)


PUBLISHED = [
    # He et al. 2016 as torchvision counts it; and with the first layer for CIFAR-10, 11.17 million.
    ("resnet18", {}, {"channels": 3, "size": 224, "classes": 1000}, 11_689_512),
    ("resnet18", {}, CIFAR10, 11_173_962),
    # Zagoruyko and Komodakis 2016: 0.6, 2.7, 8.9 and 36.5 million.
    ("wide-resnet", {"depth": 40, "width": 1}, CIFAR10, 563_930),
    ("wide-resnet", {}, CIFAR10, 2_748_890),
    ("wide-resnet", {"depth": 40, "width": 4}, CIFAR10, 8_949_210),
    ("wide-resnet", {"depth": 28, "width": 10}, CIFAR10, 36_479_194),
]


@pytest.mark.parametrize(("name", "settings", "shape", "count"), PUBLISHED)
def test_networks_have_as_many_parameters_as_published(name, settings, shape, count):
    assert parameters(name, settings, shape) == count


def test_small_images_keep_their_pixels_in_the_first_layer_of_resnet18():
    def pixels(stem, size):
        network = networks.build("resnet18", {"stem": stem}, channels=1, size=size, classes=10)
        return network.maxpool(network.conv1(torch.zeros(1, 1, size, size))).shape[2]

    assert [pixels("auto", 28), pixels("large", 28), pixels("small", 96), pixels("auto", 96)] == [28, 7, 96, 24]


def test_a_wide_resnet_s_depth_is_6n_plus_4_and_the_nearest_are_named():
    with pytest.raises(SettingsError, match="the nearest to 18 are 16 and 22"):
        networks.build("wide-resnet", {"depth": 18}, **DIGITS)


def test_a_residual_block_adds_its_input():
    network = networks.build("wide-resnet", {"width": 1}, **DIGITS).eval()
    block = network.blocks[1]
    nn.init.zeros_(block.convolution2.weight)
    planes = torch.randn(2, 16, 8, 8)
    assert torch.equal(block(planes), planes)


def test_deep_convnet_doubles_its_filters_after_each_pooling():
    network = networks.build("deep-convnet", {"filters": 4, "blocks": 5, "layers": 1}, **DIGITS)
    kernels = [module.out_channels for module in network.modules() if isinstance(module, nn.Conv2d)]
    assert kernels == [4, 8, 16, 32, 64]
    assert network(images(DIGITS)).shape == (4, 10)  # 8 pixels are gone after three blocks


def test_the_transformer_never_looks_ahead():
    network = networks.build("transformer", {}, **TEXT)
    text = inputs(TEXT, 1)
    changed = text.clone()
    changed[:, 40:] = (changed[:, 40:] + 1) % TEXT["classes"]
    before, after = network(text), network(changed)
    torch.testing.assert_close(before[:40], after[:40])
    assert not torch.allclose(before[40:], after[40:])


def test_the_transformer_s_places_matter():
    network = networks.build("transformer", {}, **TEXT)
    same = torch.zeros(1, TEXT["length"], dtype=torch.int64)
    assert not torch.allclose(network(same)[0], network(same)[1])


def test_the_transformer_counts_its_embedding_once():
    width, layers = 32, 3
    block = 12 * width * width + 13 * width  # attention and feed-forward network, their biases, two norms
    expected = TEXT["classes"] * width + TEXT["length"] * width + layers * block + 2 * width
    assert parameters("transformer", {"width": width, "layers": layers}, TEXT) == expected


def test_a_width_that_the_heads_do_not_divide_is_a_sentence():
    with pytest.raises(SettingsError, match="width of 64 cannot be divided evenly among 5 heads"):
        networks.build("transformer", {"heads": 5}, **TEXT)


@pytest.mark.parametrize(("name", "data"), FITTING.items())
def test_a_flat_network_has_the_same_gradients_as_the_plain_one(name, data):
    shape = SHAPES[data]
    plain = networks.build(name, {}, **shape).double()  # In float32 other layouts' rounding grows with the layers.
    flat = FlatNetwork(networks.build(name, {}, **shape).double(), torch.device("cpu"))
    flat.network.load_state_dict(plain.state_dict())
    x, y = inputs(shape), targets(shape)
    x = x.double() if x.is_floating_point() else x
    for _ in range(2):  # The second pass must not add to the first.
        flat.backward(F.cross_entropy(flat.network(x), y))
    F.cross_entropy(plain(x), y).backward()
    for mine, theirs in zip(flat.network.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(mine.grad, theirs.grad)
    assert flat.weights.numel() == sum(p.numel() for p in plain.parameters())
    assert flat.weights.grad.count_nonzero() > 0


@pytest.mark.parametrize(("name", "data"), [("resnet18", "digits"), ("wide-resnet", "digits")])
def test_reset_brings_weights_and_running_statistics_back(name, data):
    flat = FlatNetwork(networks.build(name, {}, **SHAPES[data]), torch.device("cpu"))
    before = {key: value.clone() for key, value in flat.network.state_dict().items()}
    flat.backward(F.cross_entropy(flat.network(inputs(SHAPES[data])), targets(SHAPES[data])))
    torch.optim.SGD([flat.weights], lr=0.1).step()
    moved = [key for key, value in flat.network.state_dict().items() if not torch.equal(value, before[key])]
    assert {"weight", "running_mean", "num_batches_tracked"} <= {key.rpartition(".")[2] for key in moved}
    flat.reset()
    assert all(torch.equal(value, before[key]) for key, value in flat.network.state_dict().items())


def test_a_step_of_the_flat_parameter_moves_the_network_and_reset_brings_it_back():
    flat = FlatNetwork(networks.build("convnet", {}, **DIGITS), torch.device("cpu"))
    x = images(DIGITS)
    before = flat.network.eval()(x)
    flat.network.train()
    flat.backward(F.cross_entropy(flat.network(x), torch.tensor([0, 1, 2, 3])))
    torch.optim.SGD([flat.weights], lr=0.1).step()
    assert not torch.equal(flat.network.eval()(x), before)
    flat.reset()
    assert torch.equal(flat.network(x), before)
