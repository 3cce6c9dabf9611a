"""The engine's errors: every message is a sentence that the person who caused it can act on."""

from __future__ import annotations


class EngineError(Exception):
    """The root of all errors that the engine raises on purpose."""


class RuleError(EngineError):
    """A rule's text or tokens that cannot be read.

    Attributes:
        position: offset of the first wrong character in the text, or None.
    """

    def __init__(self, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.position = position


class UnknownName(EngineError):
    """A name that no registry row has; the message lists those that exist."""


class SettingsError(EngineError, ValueError):
    """A value outside of what is allowed; the message says what is allowed."""


class ChildError(EngineError):
    """A child that could not be trained for a reason that says nothing about its rule."""


class MachineError(ChildError):
    """No such child can be trained on this machine until somebody puts right what the message names."""


class DatasetError(MachineError):
    """A data set that is missing, damaged or cannot be fetched."""


class ChildStopped(EngineError):
    """Training ended because somebody asked for it."""


class TrainerDied(EngineError):
    """The trainer process ended in the middle of a child."""


class SearchStateError(EngineError):
    """A saved search that is damaged, or of another configuration or version."""


class RoundOrderError(EngineError):
    """Rewards offered for a round that is not the next one to observe."""
