"""Test functions against their published formulas, and plain numbers against torch."""

import math
import subprocess
import sys

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import UnknownName
from engine.evaluation.surfaces import SURFACES, grid, surface

NAMES = list(SURFACES)
coordinates = st.floats(-5, 5)


def published(name: str, x: float, y: float) -> float:
    """The formulas as Moré, Garbow and Hillstrom (1981) print them; the quadratic is ours."""
    if name == "rosenbrock":
        return (10 * (y - x**2)) ** 2 + (1 - x) ** 2
    if name == "beale":
        return sum((c - x * (1 - y**i)) ** 2 for i, c in enumerate((1.5, 2.25, 2.625), 1))
    return x**2 / 2 + 5 * y**2


@pytest.mark.parametrize("name", NAMES)
@given(x=coordinates, y=coordinates)
def test_values_are_the_published_ones(name: str, x: float, y: float) -> None:
    assert SURFACES[name].value(x, y) == pytest.approx(published(name, x, y), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", NAMES)
@given(x=coordinates, y=coordinates)
def test_plain_numbers_and_torch_agree_and_the_gradient_is_the_derivative(name: str, x: float, y: float) -> None:
    chosen = SURFACES[name]
    at = torch.tensor([x, y], dtype=torch.float64, requires_grad=True)
    value = chosen.value(at[0], at[1])
    value.backward()
    assert value.item() == pytest.approx(chosen.value(x, y), rel=1e-12, abs=1e-12)
    assert at.grad is not None
    assert at.grad.tolist() == pytest.approx(list(chosen.gradient(x, y)), rel=1e-9, abs=1e-8)


@pytest.mark.parametrize(
    ("name", "minimum", "start", "at_start"),
    [
        ("rosenbrock", (1, 1), (-1.2, 1), 24.2),
        ("beale", (3, 0.5), (1, 1), 14.203125),
        ("noisy-quadratic", (0, 0), (-4, 2), 28),
    ],
)
def test_minima_and_starts(name: str, minimum: tuple, start: tuple, at_start: float) -> None:
    chosen = surface(name)
    assert (chosen.minimum, chosen.start) == (minimum, start)
    assert chosen.value(*minimum) == 0
    assert chosen.gradient(*minimum) == (0, 0)
    assert chosen.value(*start) == pytest.approx(at_start)


@pytest.mark.parametrize("name", NAMES)
def test_a_plot_shows_start_and_minimum(name: str) -> None:
    chosen = surface(name)
    for point in (chosen.start, chosen.minimum):
        assert all(low < value < high for value, (low, high) in zip(point, chosen.bounds, strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_far_away_the_value_is_infinite_and_no_error(name: str) -> None:
    assert not math.isfinite(SURFACES[name].value(1e200, -1e200))
    assert not all(map(math.isfinite, SURFACES["beale"].gradient(1e200, -1e200)))


@pytest.mark.parametrize("name", NAMES)
def test_the_grid_holds_log_heights_in_rows_of_y(name: str) -> None:
    found, chosen = grid(name, 7, 5), surface(name)
    assert (len(found["x"]), len(found["y"]), len(found["z"]), len(found["z"][0])) == (7, 5, 5, 7)
    assert (found["x"][0], found["x"][-1]) == chosen.bounds[0]
    assert (found["y"][0], found["y"][-1]) == chosen.bounds[1]
    height = math.log10(1 + chosen.value(found["x"][6], found["y"][1]))
    assert found["z"][1][6] == pytest.approx(height)
    assert all(z >= 0 for row in found["z"] for z in row)


def test_an_unknown_function_is_a_sentence_with_those_that_exist() -> None:
    with pytest.raises(UnknownName, match="rosenbrock, beale"):
        grid("sphere")


def test_what_the_web_process_reads_needs_no_torch() -> None:
    script = (
        "import sys, engine.evaluation.surfaces, engine.evaluation.transfers, engine.evaluation.confirm\n"
        "assert not {'torch', 'sklearn'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
