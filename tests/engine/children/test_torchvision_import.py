"""torchvision works beside any torch, and a real failure is not hidden."""

import pytest

from engine.children import torchvision_import
from engine.errors import EngineError


def test_torchvision_s_data_sets_can_be_used():
    assert torchvision_import.import_torchvision("datasets").CIFAR10.tgz_md5
    assert torchvision_import.import_torchvision().__name__ == "torchvision"


def test_another_failure_is_not_taken_for_missing_operators(monkeypatch):
    def fail(name):
        raise RuntimeError("something else")

    monkeypatch.setattr(torchvision_import, "import_module", fail)
    with pytest.raises(EngineError, match="something else"):
        torchvision_import.import_torchvision()
