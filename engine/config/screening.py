"""What is decided about a rule before any training."""

from __future__ import annotations

from pydantic import Field

from engine.registry import Settings


class ScreeningConfig(Settings):
    """Rules that cannot train anything are found without training a child; their reward is 0.

    The numbers are ENOS' (NeurIPS 2022), where it names one. Rates of wrong rejection: benchmarks/RESULTS.md.
    """

    enabled: bool = Field(
        True, title="Screen rules", description="Rules that cannot train anything are not trained; their reward is 0."
    )
    no_gradient: bool = Field(True, title="Reject without gradient", description="Rules that use no gradient.")
    constant: bool = Field(
        True, title="Reject constant updates", description="Rules whose update is the same whatever the gradient is."
    )
    not_finite: bool = Field(
        True,
        title="Reject infinite updates",
        description="Rules whose update is not finite for gradients from 10⁻⁸ up to the largest one below.",
    )
    largest_gradient: float = Field(
        1.0,
        ge=1e-8,
        le=100.0,
        title="Largest gradient",
        description="Size up to which updates must be finite. Children's gradients rarely exceed 1.",
    )
    zero_gradients: bool = Field(
        False,
        title="Finite at zero gradients",
        description="Updates must be finite for gradients of exactly 0, too, which networks with dead units have.",
    )
    no_descent: bool = Field(
        True,
        title="Reject without descent",
        description="Rules whose update does not point along the gradient, whatever the gradient's size.",
    )
    least_cosine: float = Field(
        0.15,
        ge=-1.0,
        le=1.0,
        title="Least cosine",
        description="Mean cosine between update and gradient, over random gradients, below which there is no descent.",
    )
    equal_by_probes: bool = Field(
        True,
        title="Recognise equal rules by numbers",
        description="Rules that compute the same numbers are trained once, however they are written.",
    )
