"""Ways over test functions: the optimizer's own steps, the best rate, and honesty about what diverged."""

import json
import math
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ChildStopped
from engine.evaluation.paths import PathSettings, best_walk, run_paths, thin, walk
from engine.evaluation.surfaces import SURFACES
from engine.language import Rule

SHORT = PathSettings(learning_rates=(1e-4, 1e-3, 1e-2), steps=60, points=20)
POWERSIGN = Rule.parse("exp(sign(g)*sign(m)) * g")


def never() -> None:
    pass


def test_powersign_takes_the_steps_of_its_formula_in_float64() -> None:
    """Worked out by hand: m ← 0.9 m + 0.1 g, w ← w − λ·exp(sign g·sign m)·g."""
    chosen, rate = SURFACES["rosenbrock"], 1e-3
    at, m, points = list(chosen.start), [0.0, 0.0], [chosen.start]
    for _ in range(SHORT.steps):
        for i, g in enumerate(chosen.gradient(*at)):
            m[i] = 0.9 * m[i] + 0.1 * g
            at[i] -= rate * math.exp(math.copysign(1, g) * math.copysign(1, m[i])) * g
        points.append((at[0], at[1]))
    found = walk(POWERSIGN, chosen, rate, 0, never, SHORT)
    assert found.outcome == "trained"
    for there, here in zip(found.points, points, strict=True):
        assert there == pytest.approx(here, rel=1e-9)


def test_the_rate_is_the_one_that_ends_lowest() -> None:
    for surface in SURFACES.values():
        walks = [walk(POWERSIGN, surface, rate, 3, never, SHORT) for rate in SHORT.learning_rates]
        alive = [entry for entry in walks if entry.outcome == "trained"]
        assert len(alive) >= 2
        lowest = min(alive, key=lambda entry: sum(entry.values[-6:]))  # 61 values; a tenth of them
        assert best_walk(POWERSIGN, surface, 3, never, SHORT).learning_rate == lowest.learning_rate


def test_the_result_says_all_that_a_plot_needs() -> None:
    result = run_paths(POWERSIGN, settings=SHORT)
    assert (result.reward, result.outcome, result.runs) == (0.0, "trained", ())
    functions = result.extra["functions"]
    assert [entry["name"] for entry in functions] == list(SURFACES)
    for entry in functions:
        surface = SURFACES[entry["name"]]
        assert tuple(entry["path"][0]) == surface.start
        assert len(entry["path"]) == len(entry["values"]) == SHORT.points
        assert entry["values"][-1] == entry["final_value"] == pytest.approx(surface.value(*entry["path"][-1]))
        assert entry["learning_rate"] in SHORT.learning_rates
        assert entry["steps"] == SHORT.steps
    json.dumps(result.to_dict(), allow_nan=False)


def test_ways_go_down_where_the_rule_is_gradient_descent() -> None:
    for entry in run_paths(Rule.parse("g"), settings=SHORT).extra["functions"]:
        assert entry["final_value"] < entry["values"][0]


def test_a_rule_that_diverges_everywhere_is_told_so_with_finite_points_only() -> None:
    result = run_paths(Rule.parse("exp(g^2)"), settings=SHORT)
    assert result.outcome == "diverged"
    assert "Rosenbrock, Beale, Noisy quadratic" in result.reason
    for entry in result.extra["functions"]:
        assert (entry["outcome"], entry["final_value"], entry["late_value"]) == ("diverged", None, None)
        assert all(math.isfinite(v) for point in entry["path"] for v in (*point, *entry["values"]))
    json.dumps(result.to_dict(), allow_nan=False)


def test_a_rate_that_diverges_is_not_chosen() -> None:
    wild = PathSettings(learning_rates=(1e-3, 10.0), steps=60)
    beale = SURFACES["beale"]
    assert walk(Rule.parse("g"), beale, 10.0, 0, never, wild).outcome == "diverged"
    assert best_walk(Rule.parse("g"), beale, 0, never, wild).learning_rate == 1e-3


def test_the_seed_is_that_of_the_noise() -> None:
    once, again, other = (run_paths(Rule.parse("g"), seed=seed, settings=SHORT) for seed in (1, 1, 2))
    assert once.extra == again.extra
    assert once.extra["functions"][:2] == other.extra["functions"][:2]  # no noise there
    assert once.extra["functions"][2]["path"] != other.extra["functions"][2]["path"]


def test_rules_with_decay_have_their_whole_decay() -> None:
    """With ld, the last step is one of 1/T of the first one's size, and none is left out."""
    found = walk(Rule.parse("ld"), SURFACES["noisy-quadratic"], 1e-3, 0, never, SHORT)
    sizes = [a[0] - b[0] for a, b in zip(found.points, found.points[1:], strict=False)]
    assert sizes == pytest.approx([1e-3 * (1 - t / SHORT.steps) for t in range(SHORT.steps)], rel=1e-5)


def test_a_stop_ends_it() -> None:
    asked = threading.Event()
    asked.set()
    with pytest.raises(ChildStopped):
        run_paths(POWERSIGN, should_stop=asked.is_set)


@given(count=st.integers(1, 3000), most=st.integers(2, 400))
def test_thinning_keeps_both_ends_and_the_order(count: int, most: int) -> None:
    kept = thin(count, most)
    assert len(kept) == min(count, most)
    assert (kept[0], kept[-1]) == (0, count - 1)
    assert kept == sorted(set(kept))
