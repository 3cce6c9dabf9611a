"""What the probes say about a rule, as a few numbers: decisions and settings come after."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from engine.language import Rule
from engine.screening.fingerprint import print_of
from engine.screening.outputs import outputs
from engine.screening.probes import DESCENT_SIZES, DIMENSIONS, PROBES, STEPS, Block, ProbeSet, build_probes

_LARGEST = torch.finfo(torch.float32).max  # Children train in float32; what it cannot hold is infinite there.
_SAME = 1e-9  # relative


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a rule before any training.

    Attributes:
        uses_gradient: some part of its canonical form reads a gradient.
        depends_on_gradient: other gradients give another update.
        not_finite_at: sizes of gradients, the smallest first, at which some update is not finite; 0 is an exact zero.
        descent: mean cosine between update and gradient, at the size of gradients where it is largest.
        print: see ``fingerprint``.
    """

    uses_gradient: bool
    depends_on_gradient: bool
    not_finite_at: tuple[float, ...]
    descent: float
    print: str


@lru_cache(maxsize=1)
def probes() -> ProbeSet:
    return build_probes()


@lru_cache(maxsize=4096)
def facts_of(canonical: Rule) -> Facts:
    """Runs a rule, given in canonical form, on the probes; about a millisecond, and nothing the second time."""
    updates = outputs(canonical, probes())  # [STEPS, n]
    return Facts(
        canonical.uses("g"),
        _depends_on_gradient(canonical, updates),
        tuple(block.size for block in probes().blocks if not _is_finite(block.of(updates))),
        max(_mean_cosine(updates, probes().block(size)) for size in DESCENT_SIZES),
        print_of(updates, probes()),
    )


def _depends_on_gradient(rule: Rule, updates: Tensor) -> bool:
    """Whether updates change with the gradients, where weights, decays and draws are the same.

    Only finite ones are compared; if they are less than half, the rule has another fault.
    """
    if not rule.uses("g"):
        return False
    others = outputs(rule, probes().with_other_gradients)
    known = torch.isfinite(updates) & torch.isfinite(others)
    same = torch.allclose(updates[known], others[known], rtol=_SAME, atol=0.0)
    return not (same and bool(2 * known.sum() > known.numel()))


def _is_finite(updates: Tensor) -> bool:
    return bool((updates.abs() <= _LARGEST).all())


def _mean_cosine(updates: Tensor, block: Block) -> float:
    """Over probes and steps, but for the first step: there every average is the gradient itself.

    An update that is zero or not finite everywhere in a probe has cosine 0.
    """
    shape = (STEPS - 1, PROBES, DIMENSIONS)
    delta = torch.nan_to_num(block.of(updates)[1:], nan=0.0, posinf=0.0, neginf=0.0).reshape(shape)
    gradient = block.of(probes().gradients)[1:].reshape(shape)
    delta = delta / delta.abs().amax(dim=-1, keepdim=True).clamp_min(1e-300)  # so that no square overflows
    return float(torch.cosine_similarity(delta, gradient, dim=-1, eps=1e-300).mean())
