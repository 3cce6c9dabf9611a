"""Controllers: they propose rules and learn from rewards. The code of each is imported when it is built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.config import ControllerConfig
from engine.language import Space
from engine.registry import CONTROLLERS, find

if TYPE_CHECKING:
    from engine.controllers.contract import Controller


def build(space: Space, config: ControllerConfig, seed: int) -> Controller:
    """The controller of that configuration.

    Raises:
        UnknownName, SettingsError: the configuration is not allowed.
    """
    row = find(CONTROLLERS, config.name)
    controller: Controller = row.load()(space, row.check_settings(config.settings), seed)
    return controller
