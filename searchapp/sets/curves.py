"""A small plot of a primitive, as an inline SVG whose colours are the style sheet's."""

from __future__ import annotations

import math
from functools import lru_cache

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from engine.language import PRIMITIVES, numbers
from searchapp.sets.functions import DRAWN, STEPS, Drawn, Function

WIDTH, HEIGHT = 160, 84  # of the plane; numbers stand below and at the left of it
LEFT, TOP, BELOW = 40, 6, 18
POINTS = 160
JUMP = 0.45  # of the range, between two points: no curve here is so steep elsewhere
Point = tuple[float, float]


@lru_cache(maxsize=512)
def curve(name: str, values: tuple[float, ...]) -> SafeString:
    """The primitive's plot; an empty text where it is no function of one number."""
    drawn = DRAWN.get(name)
    if drawn is None:
        return SafeString()
    parameters = dict(zip((p.name for p in PRIMITIVES[name].parameters), values, strict=True))
    scale = parameters.get(drawn.scale, 1.0)
    xs = [scale * (drawn.low + (drawn.high - drawn.low) * k / POINTS) for k in range(POINTS + 1)]
    lines = [_line(function, xs, values) for function in (drawn.value, drawn.second) if function]
    return _svg(name, drawn, xs, lines)


def _line(function: Function, xs: list[float], values: tuple[float, ...]) -> list[Point | None]:
    """Points, and None where the function has no value or jumps by much of its range."""
    ys = [function(x, *values) for x in xs]
    finite = [y for y in ys if math.isfinite(y)]
    jump = JUMP * (max(finite) - min(finite)) or math.inf
    found: list[Point | None] = []
    for x, y in zip(xs, ys, strict=True):
        last = found[-1] if found else None
        if last is not None and math.isfinite(y) and abs(y - last[1]) >= jump:
            found.append(None)
        found.append((x, y) if math.isfinite(y) else None)
    return found


def _svg(name: str, drawn: Drawn, xs: list[float], lines: list[list[Point | None]]) -> SafeString:
    ys = [point[1] for line in lines for point in line if point]
    low, high = min(*ys, 0.0), max(*ys, 0.0)
    if low == high:
        high = low + 1.0
    place = _Place(xs[0], xs[-1], low, high)
    zero = format_html('<path class="curve__axis" d="{}"/>', place.axes())
    drawn_lines = format_html_join(
        "",
        '<path class="curve__line{}" d="{}"/>',
        ((" curve__line--second" * k, place.path(line)) for k, line in enumerate(lines)),
    )
    title = f"{PRIMITIVES[name].title}: {drawn.x} from {_x_text(drawn, xs[0])} to {_x_text(drawn, xs[-1])}, "
    title += f"values from {_number(min(ys))} to {_number(max(ys))}"
    return format_html(
        '<svg class="curve" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}</svg>',
        LEFT + WIDTH + 6, TOP + HEIGHT + BELOW, title, zero, drawn_lines, _texts(drawn, xs, low, high),
    )  # fmt: skip


class _Place:
    """Where a value stands in the picture."""

    def __init__(self, left: float, right: float, low: float, high: float) -> None:
        self.left, self.right, self.low, self.high = left, right, low, high

    def x(self, value: float) -> float:
        return LEFT + WIDTH * (value - self.left) / (self.right - self.left)

    def y(self, value: float) -> float:
        return TOP + HEIGHT * (self.high - value) / (self.high - self.low)

    def path(self, line: list[Point | None]) -> str:
        parts, pen = [], "M"
        for point in line:
            if point is None:
                pen = "M"
                continue
            parts.append(f"{pen}{self.x(point[0]):.1f} {self.y(point[1]):.1f}")
            pen = "L"
        return "".join(parts)

    def axes(self) -> str:
        across = f"M{LEFT} {self.y(0):.1f}H{LEFT + WIDTH}"
        return across + (f"M{self.x(0):.1f} {TOP}V{TOP + HEIGHT}" if self.left <= 0 <= self.right else "")


def _texts(drawn: Drawn, xs: list[float], low: float, high: float) -> SafeString:
    below = TOP + HEIGHT + BELOW - 3
    rows = [
        (LEFT, below, "start", _x_text(drawn, xs[0])),
        (LEFT + WIDTH / 2, below, "middle", drawn.x),
        (LEFT + WIDTH, below, "end", _x_text(drawn, xs[-1])),
        (LEFT - 4, TOP + 8, "end", _number(high)),
        (LEFT - 4, TOP + HEIGHT, "end", _number(low)),
    ]
    return format_html_join("", '<text x="{}" y="{}" text-anchor="{}">{}</text>', rows)


def _x_text(drawn: Drawn, value: float) -> str:
    return "T" if drawn.x == "t" and value == STEPS else _number(value)


def _number(value: float) -> str:
    return numbers.mathml(float(f"{value:.2g}"))
