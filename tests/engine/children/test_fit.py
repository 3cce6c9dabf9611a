"""A network and a data set have to fit together; where they do not, the network's field says so."""

import pytest
from pydantic import ValidationError

from engine.config import ChildConfig
from engine.registry import DATASETS, NETWORKS


@pytest.mark.parametrize("dataset", list(DATASETS))
@pytest.mark.parametrize("network", list(NETWORKS))
def test_a_network_is_refused_exactly_where_it_takes_something_else(network, dataset):
    if NETWORKS[network].facts["input"] == DATASETS[dataset].facts["input"]:
        assert ChildConfig(dataset=dataset, network=network).network == network
        return
    with pytest.raises(ValidationError) as error:
        ChildConfig(dataset=dataset, network=network)
    assert [problem["loc"] for problem in error.value.errors()] == [("network",)]
    assert f"{network} takes {NETWORKS[network].facts['input']}" in str(error.value)


def test_what_fits_instead_is_named():
    with pytest.raises(ValidationError, match="convnet takes images, and python-reference is text; for it, take tran"):
        ChildConfig(dataset="python-reference")  # the default network, which nobody typed, is checked too


def test_an_unknown_data_set_has_one_message_of_its_own():
    with pytest.raises(ValidationError) as error:
        ChildConfig(dataset="mnist", network="transformer")
    assert [problem["loc"] for problem in error.value.errors()] == [("dataset",)]


def test_settings_of_a_network_are_checked_with_the_child():
    with pytest.raises(ValidationError, match="a depth is 6·n \\+ 4"):
        ChildConfig(network="wide-resnet", network_settings={"depth": 17})
