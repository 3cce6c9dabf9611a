"""The rows that a rule can be transferred to."""

import pytest
from pydantic import ValidationError

from engine.errors import UnknownName
from engine.evaluation.transfers import TRANSFERS, Transfer, transfer
from engine.registry.protocols import PAPER_RATES


@pytest.mark.parametrize("row", TRANSFERS.values(), ids=lambda row: row.name)
def test_every_row_explains_itself_and_is_a_child_at_the_paper_s_rates(row: Transfer) -> None:
    assert row.title
    assert row.summary.endswith(".")
    child = row.child()
    assert (child.dataset, child.network) == (row.dataset, row.network)
    assert child.protocol.learning_rates == PAPER_RATES
    assert child.protocol.epochs == row.protocol["epochs"]
    assert child.protocol.first_epoch_floor == 0


def test_there_is_one_for_the_paper_s_and_one_without_download() -> None:
    assert (TRANSFERS["wrn-cifar10"].network, TRANSFERS["wrn-cifar10"].dataset) == ("wide-resnet", "cifar10")
    assert TRANSFERS["deep-convnet-digits"].dataset == "digits"


def test_numbers_of_the_protocol_can_be_changed() -> None:
    child = transfer("wrn-cifar10").child(epochs=300, learning_rates=(0.1,))
    assert (child.protocol.epochs, child.protocol.learning_rates) == (300, (0.1,))


def test_what_is_not_allowed_is_refused() -> None:
    with pytest.raises(ValidationError, match="epochs"):
        transfer("wrn-digits").child(epochs=0)
    with pytest.raises(UnknownName, match="wrn-cifar10"):
        transfer("imagenet")
