"""The networks that children are: `build(child config's network, settings, shape)`."""

from __future__ import annotations

from typing import Any, cast

from torch import nn

from engine.registry import NETWORKS, find

__all__ = ["build"]


def build(name: str, settings: dict[str, Any], **shape: int) -> nn.Module:
    """A network with fresh weights from torch's global generator.

    Args:
        shape: what the network has to fit, a data set's ``shape``: for images ``channels``, ``size`` and ``classes``;
            float32 [n, channels, size, size] -> logits [n, classes].

    Raises:
        UnknownName: no registry row has that name.
        SettingsError: a setting is not one of the network's, or out of its range.
    """
    row = find(NETWORKS, name)
    checked = row.check_settings(settings)
    return cast(nn.Module, row.load()(checked, **shape))
