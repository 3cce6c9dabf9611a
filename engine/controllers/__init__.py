"""Controllers: they propose rules and learn from rewards. The code of each is imported when it is built."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from engine.config import ControllerConfig
from engine.language import Space

if TYPE_CHECKING:
    from engine.controllers.contract import Controller


def build(space: Space, config: ControllerConfig, seed: int) -> Controller:
    """The controller of that configuration, with its priors and starting rules; this is where torch comes in.

    Raises:
        UnknownName, SettingsError: the configuration is not allowed, or not in that space.
    """
    controller: Controller = import_module("engine.controllers.building").build(space, config, seed)
    return controller
