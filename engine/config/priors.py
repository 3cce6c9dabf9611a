"""What a rule must be like before anything is known of its reward (priors, as in Deep Symbolic Optimization)."""

from __future__ import annotations

from pydantic import Field

from engine.registry import Settings


class PriorsConfig(Settings):
    """Limits on the rules that are proposed; whatever is not asked for is not limited.

    Source: Petersen et al. 2021 (Deep Symbolic Regression, section 3.1) and Landajuela et al. 2021, whose constraints
    are masks on the next token's probabilities, too.
    """

    uses_gradient: bool = Field(
        False,
        title="Rules use a gradient",
        description="Only rules whose canonical form reads the gradient: g, its powers and averages, Adam, RMSProp.",
    )
    no_repeated_unary: bool = Field(
        False,
        title="No repeated unary function",
        description="No unary function directly on the result of the same one, as in exp(exp(g)), whatever its number.",
    )
    max_complexity: int | None = Field(
        None,
        title="Largest complexity",
        ge=1,
        le=10_000,
        description="Operands and functions of a rule's canonical form, at most; where none is given, any number.",
    )

    @property
    def is_active(self) -> bool:
        return self.uses_gradient or self.no_repeated_unary or self.max_complexity is not None
