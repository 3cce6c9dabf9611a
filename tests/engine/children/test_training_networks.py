"""Training every network: to the same bits each time, and with something learned."""

import pytest
import torch

from engine.children import datasets
from engine.config import ChildConfig
from engine.registry import NETWORKS, protocol
from tests.engine.children.test_training import SHORT, train, without_seconds

SMALL = {
    "convnet": {"filters": 4},
    "deep-convnet": {"filters": 4, "layers": 1},
    "resnet18": {},
    "wide-resnet": {"depth": 10, "width": 1},
    "transformer": {"layers": 1, "width": 16, "heads": 2},
    "mlp": {},
    "softmax": {},
}


@pytest.mark.parametrize("name", list(NETWORKS))
def test_every_network_trains_and_is_the_same_to_the_bit(name):
    text = NETWORKS[name].facts["input"] == "text"
    short = SHORT.model_copy(update={"train_examples": 20, "validation_examples": 20, "batch_size": 10, "epochs": 1})
    dataset = "python-reference" if text else "digits"
    child = ChildConfig(dataset=dataset, network=name, network_settings=SMALL[name], protocol=short)
    first = train("m", child)
    assert first.outcome == "trained"
    assert without_seconds(first) == without_seconds(train("m", child))


def test_the_transformer_learns_more_than_the_most_frequent_character():
    few = protocol("quick", learning_rates=(0.003,), sweep_examples=20, epochs=2, first_epoch_floor=0.0, batch_size=20)
    few = few.model_copy(update={"train_examples": 1200, "validation_examples": 100})
    child = ChildConfig(dataset="python-reference", network="transformer", network_settings={"layers": 1}, protocol=few)
    data = datasets.load("python-reference")
    commonest = torch.bincount(data.batch("validation", slice(0, 100))[1]).max() / 6400
    assert train("adam", child).reward > float(commonest) + 0.05
