"""What is decided about a rule before any training."""

from __future__ import annotations

from engine.registry import Settings


class ScreeningConfig(Settings):
    """Rules that cannot train anything are found without training a child."""
