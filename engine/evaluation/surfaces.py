"""Functions of two variables that optimizers are shown on: values and gradients in plain Python. No torch here.

Formulas, starting points and minima: H. H. Rosenbrock, Comput. J. 3 (1960); J. J. Moré, B. S. Garbow, K. E.
Hillstrom, ACM Trans. Math. Softw. 7 (1981), problems 1 (Rosenbrock) and 5 (Beale). The paper shows its rules on
Rosenbrock's function (Bello et al. 2017, section 5).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.errors import UnknownName

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Surface:
    """A function f(x, y) with one minimum.

    Attributes:
        formula: as plain text.
        value, gradient: of (x, y); made of + − · alone, so that floats overflow to inf instead of raising, and
            tensors work as well as floats.
        minimum: where f is smallest; f is 0 there.
        start: the usual starting point.
        bounds: ((x from, x to), (y from, y to)) of a plot.
        noise: standard deviation of the normal noise that is added to each component of the gradient.
    """

    name: str
    title: str
    latex: str
    formula: str
    value: Callable[[Any, Any], Any]
    gradient: Callable[[Any, Any], tuple[Any, Any]]
    minimum: Point
    start: Point
    bounds: tuple[Point, Point]
    noise: float = 0.0


def _rosenbrock(x: Any, y: Any) -> Any:
    return (1 - x) * (1 - x) + 100 * (y - x * x) * (y - x * x)


def _rosenbrock_gradient(x: Any, y: Any) -> tuple[Any, Any]:
    return -2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)


def _beale_terms(x: Any, y: Any) -> tuple[Any, Any, Any]:
    return 1.5 - x + x * y, 2.25 - x + x * y * y, 2.625 - x + x * y * y * y


def _beale(x: Any, y: Any) -> Any:
    first, second, third = _beale_terms(x, y)
    return first * first + second * second + third * third


def _beale_gradient(x: Any, y: Any) -> tuple[Any, Any]:
    first, second, third = _beale_terms(x, y)
    by_x = first * (y - 1) + second * (y * y - 1) + third * (y * y * y - 1)
    by_y = first * x + second * 2 * x * y + third * 3 * x * y * y
    return 2 * by_x, 2 * by_y


def _quadratic(x: Any, y: Any) -> Any:
    return 0.5 * (x * x + 10 * y * y)


def _quadratic_gradient(x: Any, y: Any) -> tuple[Any, Any]:
    return x, 10 * y


SURFACES: dict[str, Surface] = {
    surface.name: surface
    for surface in (
        Surface(
            "rosenbrock",
            "Rosenbrock",
            r"(1 - x)^2 + 100\,(y - x^2)^2",
            "(1 − x)² + 100 (y − x²)²",
            _rosenbrock,
            _rosenbrock_gradient,
            minimum=(1.0, 1.0),
            start=(-1.2, 1.0),
            bounds=((-2.0, 2.0), (-1.0, 3.0)),
        ),
        Surface(
            "beale",
            "Beale",
            r"(1.5 - x + xy)^2 + (2.25 - x + xy^2)^2 + (2.625 - x + xy^3)^2",
            "(1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)²",
            _beale,
            _beale_gradient,
            minimum=(3.0, 0.5),
            start=(1.0, 1.0),
            bounds=((-1.0, 4.5), (-2.0, 2.0)),
        ),
        Surface(
            "noisy-quadratic",
            "Noisy quadratic",
            r"\tfrac{1}{2}(x^2 + 10\,y^2),\quad \nabla + \mathcal{N}(0, 1)",
            "½ (x² + 10 y²), its gradient with noise of deviation 1",
            _quadratic,
            _quadratic_gradient,
            minimum=(0.0, 0.0),
            start=(-4.0, 2.0),
            bounds=((-5.0, 5.0), (-3.0, 3.0)),
            noise=1.0,
        ),
    )
}


def surface(name: str) -> Surface:
    """The function of that name.

    Raises:
        UnknownName: the message lists the names that exist.
    """
    if name not in SURFACES:
        raise UnknownName(f"“{name}” is no test function; there are {', '.join(SURFACES)}.")
    return SURFACES[name]


def grid(name: str, columns: int = 80, rows: int = 80) -> dict[str, Any]:
    """Heights for a contour plot: ``x`` [columns], ``y`` [rows] and ``z`` [rows][columns] = log10(1 + f(x, y)).

    Raises:
        UnknownName: there is no such function.
    """
    chosen = surface(name)
    across, up = _line(*chosen.bounds[0], columns), _line(*chosen.bounds[1], rows)
    return {"x": across, "y": up, "z": [[math.log10(1 + chosen.value(x, y)) for x in across] for y in up]}


def _line(first: float, last: float, count: int) -> list[float]:
    """``count`` points, both ends among them; at least two."""
    steps = max(count, 2) - 1
    return [first + (last - first) * i / steps for i in range(steps + 1)]
