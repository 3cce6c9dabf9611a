"""Puts a controller together: the registry's algorithm, the priors' masks, fresh rules, the rules to start with."""

from __future__ import annotations

from engine.config import ControllerConfig
from engine.config.proposals import check_proposals, prior_masks, start_rows
from engine.controllers.contract import Controller
from engine.controllers.fresh_rules import FreshRules
from engine.controllers.masks import Masks
from engine.controllers.start_rules import StartRules
from engine.language import Space
from engine.registry import CONTROLLERS, find


def build(space: Space, config: ControllerConfig, seed: int) -> Controller:
    check_proposals(space, config)
    row = find(CONTROLLERS, config.name)
    masks = Masks(prior_masks(space, config))
    controller: Controller = row.load()(space, row.check_settings(config.settings), seed, masks)
    if config.redraws:
        controller = FreshRules(controller, space, config.redraws)
    return StartRules(controller, start_rows(space, config)) if config.start_rules else controller
