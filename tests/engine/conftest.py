"""Settings for the engine's tests: property tests are judged by what they find, not by how long they take."""

from collections.abc import Iterator

import pytest
import torch
from hypothesis import settings

settings.register_profile("engine", deadline=None)
settings.load_profile("engine")
torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _numbers_as_they_are() -> Iterator[None]:
    """Training a child makes this thread take tiny numbers for 0, which hypothesis' strategies refuse to live with."""
    yield
    torch.set_flush_denormal(False)
