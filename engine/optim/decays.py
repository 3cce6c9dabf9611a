"""The decays f(t) of a step t (0 at the first step) and ``total`` steps T in all; t stays at T afterwards.

Source: TensorFlow contrib opt, training/sign_decay.py, whose numbers these are. A restart decay with whole periods is
1 again at t = T.
"""

from __future__ import annotations

import math


def linear_decay(t: int, total: int) -> float:
    return max(0.0, (total - min(t, total)) / total)


def cyclical_decay(t: int, total: int, periods: float) -> float:
    return 0.5 * (1.0 + math.cos(2.0 * math.pi * periods * min(t, total) / total))


def restart_decay(t: int, total: int, periods: float) -> float:
    return 0.5 * (1.0 + math.cos(math.pi * ((min(t, total) * periods) % total) / total))
