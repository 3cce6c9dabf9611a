"""One print for rules that compute the same thing, however they are written.

A print is a hash of a rule's rounded updates on the fixed probes: gradients from 10⁻⁸ to 10² in size and exact zeros,
at the first steps and later ones, with averages, decays, weights, noise and drops. ENOS (NeurIPS 2022) does so with
one probe and a tolerance of 10⁻⁶. What is probed is the canonical form, so rules that are algebraically equal have
equal prints by construction; others, such as ``sqrt(g^2) * sign(g)`` and ``g``, have them because the numbers agree.

192 numbers are rounded, to a unit of about 10⁻⁵ of the largest one at their size of gradients; rules are told apart
when one of them is rounded differently. So of rules whose updates differ by a factor of 1 + 10⁻⁵, 1 % have one print;
of 1 + 10⁻⁸, as x / 1 and x do for their δ, 97 % (the others are trained twice); of 1 + 10⁻¹², all (265 random rules).
Errors in the last bits, which another processor may make, change no prints but of rules that consist of such errors.
"""

from __future__ import annotations

import hashlib
import math

import torch
from torch import Tensor

from engine.screening.probes import DIMENSIONS, STEPS, ProbeSet

_STEPS = (0, 1, STEPS // 2, STEPS - 1)
_NOTHING = 1e-280  # What is smaller is 0, whether or not the processor keeps denormal numbers.
_OFFSET = 0.377  # A largest number of 4.2·10ⁿ begins the next unit: simple numbers, such as 1 and 10⁻⁴, stand far off.
_DIGITS = 5
_EACH = 7  # of the first entries of a block, every 7th: 4 of them, two of each kind where gradients are 0
_NOT_A_NUMBER, _INFINITE = 10**9, 2 * 10**9  # beyond every rounded number


def print_of(updates: Tensor, probes: ProbeSet) -> str:
    """Updates [STEPS, n] -> 16 hex digits."""
    rows = torch.stack([updates[step] for step in _STEPS])
    some = torch.stack([block.of(rows)[:, :DIMENSIONS:_EACH] for block in probes.blocks])
    values = some.flatten(1)  # [blocks, values]
    finite = torch.isfinite(values)
    largest = torch.where(finite, values.abs(), 0.0).amax(dim=1).tolist()
    powers = [_power(number) for number in largest]
    codes = torch.where(torch.isnan(values), float(_NOT_A_NUMBER), torch.sign(values) * _INFINITE)
    whole = torch.where(finite, _in_units(values, powers).round(), codes).long().tolist()  # -0.0 becomes 0
    return hashlib.sha256(repr((powers, whole)).encode()).hexdigest()[:16]


def _power(largest: float) -> int:
    """The power of ten that is the unit, where this is the largest number."""
    return math.floor(math.log10(largest) + _OFFSET) - _DIGITS if largest > _NOTHING else 0


def _in_units(values: Tensor, powers: list[int]) -> Tensor:
    """Divided in two steps, as 10⁻²⁸⁰⁻⁶ and 10³⁰⁰ are near the ends of what a float holds."""
    halves = [(power // 2, power - power // 2) for power in powers]
    first, second = (values.new_tensor([10.0 ** half[k] for half in halves]).unsqueeze(1) for k in (0, 1))
    return values / first / second
