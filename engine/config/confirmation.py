"""What is trained besides the candidates, so that a result can be believed: fresh seeds and baselines."""

from __future__ import annotations

from pydantic import Field, field_validator

from engine.config.checks import as_value_error
from engine.presets import BASELINES, baseline
from engine.registry import Settings


class ConfirmationConfig(Settings):
    """The best rules are trained again with seeds that the search never saw; baselines with the very same seeds.

    A reward is the best of many noisy numbers, so it flatters its rule; the mean over fresh seeds does not.
    """

    top: int = Field(
        5, ge=0, le=100, title="Rules to confirm", description="The best so many are trained again; 0: none."
    )
    seeds: int = Field(
        3, ge=1, le=100, title="Fresh seeds", description="Seeds of each confirmed rule and each baseline."
    )
    baselines: tuple[str, ...] = Field(
        tuple(BASELINES), max_length=50, description="Named rules that are trained under the same protocol."
    )

    @field_validator("baselines")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_known_name(name) for name in names))


def _known_name(name: str) -> str:
    return as_value_error(lambda: baseline(name)).name
