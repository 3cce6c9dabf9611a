"""The configuration of a search: checked once at the border, immutable inside."""

from __future__ import annotations

import hashlib
from functools import cached_property

from pydantic import Field, ValidationInfo, field_validator

from engine.config.checks import as_value_error
from engine.config.child import ChildConfig
from engine.config.confirmation import ConfirmationConfig
from engine.config.controller import ControllerConfig
from engine.config.primitives import PrimitivesConfig
from engine.config.proposals import check_proposals
from engine.config.screening import ScreeningConfig
from engine.language import MAX_GROUPS, Space
from engine.registry import Settings


class SearchConfig(Settings):
    """All that determines a search: the same configuration gives the same rules."""

    primitives: PrimitivesConfig
    groups: int = Field(2, ge=1, le=MAX_GROUPS, description="Groups of five tokens in each rule.")
    child: ChildConfig = ChildConfig()
    controller: ControllerConfig = ControllerConfig()
    screening: ScreeningConfig = ScreeningConfig()
    confirmation: ConfirmationConfig = ConfirmationConfig()
    budget: int = Field(100, ge=1, le=1_000_000, description="Candidates in all, duplicates included.")
    round_size: int = Field(5, ge=1, le=1000, description="Candidates that the controller proposes at once (paper: 5).")
    rounds_in_flight: int = Field(
        2, ge=1, le=100, description="Rounds that are trained at the same time; more keep more workers busy."
    )
    seed: int = Field(0, ge=0, le=2**63 - 1, description="The same seed gives the same rules.")

    @field_validator("controller")
    @classmethod
    def _fits_the_space(cls, controller: ControllerConfig, info: ValidationInfo) -> ControllerConfig:
        """Priors and starting rules are of the search's tokens and groups, which are checked before."""
        if {"primitives", "groups"} <= set(info.data):
            tokens: PrimitivesConfig = info.data["primitives"]
            space = Space(tokens.operands, tokens.unary, tokens.binary, info.data["groups"])
            as_value_error(lambda: check_proposals(space, controller))
        return controller

    @classmethod
    def numbers(cls) -> tuple[str, ...]:
        """Names of the settings that are one whole number each, in their order: what a form and a terminal ask for."""
        return tuple(name for name, field in cls.model_fields.items() if field.annotation is int)

    @cached_property
    def space(self) -> Space:
        return Space(self.primitives.operands, self.primitives.unary, self.primitives.binary, self.groups)

    def child_seed(self, fingerprint: str) -> int:
        """The seed of a rule's child: the same wherever and whenever it is computed."""
        digest = hashlib.sha256(f"child:{self.seed}:{fingerprint}".encode()).digest()
        return int.from_bytes(digest[:6], "big")

    @cached_property
    def fresh_child(self) -> ChildConfig:
        """What is trained with each fresh seed: the search's child, once, however many seeds make a reward."""
        protocol = self.child.protocol.model_copy(update={"seeds": 1})
        return self.child.model_copy(update={"protocol": protocol})

    @staticmethod
    def confirmation_seed(number: int) -> int:
        """The seed of the number-th fresh training, from 0: the same for every rule, baseline and search.

        Rules that share their weights' and data's randomness are compared in pairs, which takes the seeds' own spread
        out of the difference; and a baseline that was trained once need not be trained again.
        """
        digest = hashlib.sha256(f"confirmation:{number}".encode()).digest()
        return int.from_bytes(digest[:6], "big")
