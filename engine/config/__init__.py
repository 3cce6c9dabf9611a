"""The configuration of a search, one file each part. No torch."""

from engine.config.child import ChildConfig
from engine.config.confirmation import ConfirmationConfig
from engine.config.controller import ControllerConfig
from engine.config.primitives import PrimitivesConfig
from engine.config.priors import PriorsConfig
from engine.config.screening import ScreeningConfig
from engine.config.search import SearchConfig

__all__ = [
    "ChildConfig",
    "ConfirmationConfig",
    "ControllerConfig",
    "PrimitivesConfig",
    "PriorsConfig",
    "ScreeningConfig",
    "SearchConfig",
]
