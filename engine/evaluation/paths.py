"""A rule on 2-D test functions: the way it takes from the usual starting point at its best learning rate.

The paper draws such ways on Rosenbrock's function (Bello et al. 2017, section 5). A way says how a rule moves, not how
well it trains networks. The learning rate is the one with the lowest mean value over the last tenth of the steps: on a
noisy function the very last value is a matter of luck.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from engine.children.results import ChildResult, Outcome
from engine.children.stopping import StopCheck
from engine.children.training import OnEvent
from engine.config import ChildConfig
from engine.evaluation.surfaces import SURFACES, Point, Surface
from engine.language import Rule
from engine.optim import RuleOptimizer

NOISE_SEED = 0x2D  # Keeps the surface's noise apart from the rule's own draws, which use the seed itself.


@dataclass(frozen=True, slots=True)
class PathSettings:
    """How paths are made.

    Attributes:
        learning_rates: those tried; the paper's seven and, as a plot shows more than an accuracy, those between them.
        steps: of each path; also the T of decays.
        points: at most so many of a path are kept, its first and its last among them.
    """

    learning_rates: tuple[float, ...] = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0, 3.0, 10.0)
    steps: int = 1000
    points: int = 400


DEFAULTS = PathSettings()


@dataclass(frozen=True, slots=True)
class Walk:
    """One way at one learning rate: the finite points, the start first, and whether it left the finite numbers."""

    learning_rate: float
    points: list[Point]
    values: list[float]
    outcome: Outcome

    @property
    def late_value(self) -> float:
        """The mean value over the last tenth of the steps."""
        late = self.values[-max(1, len(self.values) // 10) :]
        return sum(value / len(late) for value in late)  # each by itself: sums of huge ones would overflow


def run_paths(
    rule: Rule,
    child: ChildConfig | None = None,
    seed: int = 0,
    on_event: OnEvent | None = None,
    should_stop: Callable[[], bool] | None = None,
    device: str = "auto",
    settings: PathSettings = DEFAULTS,
) -> ChildResult:
    """Walks every test function in float64 on the CPU; `child`, `on_event` and `device` are not looked at.

    Returns:
        a ChildResult whose reward is 0 and means nothing, with ``extra = {"functions": [{"name", "title", "latex",
        "minimum", "start", "bounds", "learning_rate", "steps", "path": [[x, y], …], "values": […], "final_value",
        "late_value", "outcome"}, …]}``; `late_value` is the mean over the last tenth of the steps. Where every learning
        rate diverged, the one that lasted longest is shown, both are None, and `outcome` is `diverged`.

    Raises:
        ChildStopped: ``should_stop`` said so.
    """
    started = time.perf_counter()
    check_stop = StopCheck(should_stop)
    found = [(surface, best_walk(rule, surface, seed, check_stop, settings)) for surface in SURFACES.values()]
    functions = [_to_dict(surface, walk, settings) for surface, walk in found]
    lost = [surface.title for surface, walk in found if walk.outcome == "diverged"]
    outcome: Outcome = "diverged" if len(lost) == len(found) else "trained"
    reason = f"Diverged at every learning rate on {', '.join(lost)}." if lost else "Stayed finite on every function."
    return ChildResult(0.0, outcome, reason, None, (), time.perf_counter() - started, {"functions": functions})


def best_walk(rule: Rule, surface: Surface, seed: int, check_stop: Callable[[], None], settings: PathSettings) -> Walk:
    """The walk that ends lowest, by ``late_value``; of equals the smaller rate. If all diverged, the longest."""
    walks = [walk(rule, surface, rate, seed, check_stop, settings) for rate in sorted(settings.learning_rates)]
    alive = [entry for entry in walks if entry.outcome == "trained"]
    if alive:
        return min(alive, key=lambda entry: entry.late_value)
    return max(walks, key=lambda entry: len(entry.points))


def walk(
    rule: Rule, surface: Surface, rate: float, seed: int, check_stop: Callable[[], None], settings: PathSettings
) -> Walk:
    """`steps` updates from the surface's start; a point or a value that is not finite ends it."""
    position = nn.Parameter(torch.tensor(surface.start, dtype=torch.float64))  # [2]
    optimizer = RuleOptimizer([position], rule, lr=rate, total_steps=settings.steps, seed=seed)
    noise = torch.Generator().manual_seed(seed ^ NOISE_SEED)
    kicks = surface.noise * torch.randn(settings.steps, 2, generator=noise, dtype=torch.float64)  # [steps, 2]
    points, values = [surface.start], [float(surface.value(*surface.start))]
    for step in range(settings.steps):
        check_stop()
        position.grad = torch.tensor(surface.gradient(*points[-1]), dtype=torch.float64) + kicks[step]
        optimizer.step()
        x, y = position.tolist()
        value = float(surface.value(x, y))
        if not math.isfinite(value):  # An infinite or undefined x or y makes it so, too.
            return Walk(rate, points, values, "diverged")
        points.append((x, y))
        values.append(value)
    return Walk(rate, points, values, "trained")


def _to_dict(surface: Surface, walk: Walk, settings: PathSettings) -> dict[str, Any]:
    kept, ended = thin(len(walk.points), settings.points), walk.outcome == "trained"
    return {
        "name": surface.name,
        "title": surface.title,
        "latex": surface.latex,
        "minimum": list(surface.minimum),
        "start": list(surface.start),
        "bounds": [list(bound) for bound in surface.bounds],
        "learning_rate": walk.learning_rate,
        "steps": settings.steps,
        "path": [list(walk.points[i]) for i in kept],
        "values": [walk.values[i] for i in kept],
        "final_value": walk.values[-1] if ended else None,
        "late_value": walk.late_value if ended else None,
        "outcome": walk.outcome,
    }


def thin(count: int, most: int) -> list[int]:
    """At most `most` of the indices 0 … count − 1, evenly spread, the first and the last among them."""
    if count <= most:
        return list(range(count))
    return [round(i * (count - 1) / (most - 1)) for i in range(most)]
