"""Means, spreads and paired intervals against numpy and scipy."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from engine.errors import SettingsError
from engine.evaluation.confirm import paired_difference, summarise

accuracies = st.integers(0, 10_000).map(lambda right: right / 10_000)
pairs = st.lists(st.tuples(accuracies, accuracies), min_size=2, max_size=12)


@given(st.lists(accuracies, min_size=2, max_size=12))
def test_the_spread_is_numpy_s(rewards: list[float]) -> None:
    found = summarise(rewards)
    assert found.n == len(rewards)
    assert found.mean == pytest.approx(np.mean(rewards), abs=1e-12)
    assert found.std == pytest.approx(np.std(rewards, ddof=1), abs=1e-12)
    assert found.standard_error == pytest.approx(stats.sem(rewards), abs=1e-12)


@given(pairs)
def test_the_difference_is_scipy_s_paired_t_interval(rewards: list[tuple[float, float]]) -> None:
    first, second = map(list, zip(*rewards, strict=True))
    found = paired_difference(first, second)
    differences = np.subtract(first, second)
    assert found.mean == pytest.approx(differences.mean(), abs=1e-12)
    assert found.standard_error == pytest.approx(stats.sem(differences), abs=1e-12)
    if np.ptp(differences) > 1e-9:  # scipy has no interval for differences that are all the same.
        interval = stats.ttest_rel(first, second).confidence_interval(0.95)
        assert (found.low, found.high) == pytest.approx((interval.low, interval.high), abs=1e-9)


def test_pairs_take_out_what_a_seed_does_to_both() -> None:
    seeds = [0.60, 0.70, 0.80, 0.90]
    better = [0.611, 0.709, 0.811, 0.909]
    found = paired_difference(better, seeds)
    assert found.is_clear
    assert found.mean == pytest.approx(0.01)
    spread = summarise(seeds)
    assert spread.standard_error is not None
    assert spread.standard_error > 5 * found.mean  # Unpaired, the difference would drown.


def test_a_difference_within_the_noise_is_not_clear() -> None:
    assert not paired_difference([0.9, 0.8, 0.85], [0.85, 0.82, 0.86]).is_clear


def test_one_reward_has_a_mean_and_no_spread() -> None:
    assert summarise([0.5]).to_dict() == {"mean": 0.5, "std": None, "n": 1, "standard_error": None}
    found = paired_difference([0.5], [0.4])
    assert (found.mean, found.low, found.is_clear) == (pytest.approx(0.1), None, False)
    json.dumps(found.to_dict(), allow_nan=False)


def test_no_reward_and_no_pairs_are_sentences() -> None:
    with pytest.raises(SettingsError, match="no reward"):
        summarise([])
    with pytest.raises(SettingsError, match="3 and 2 rewards"):
        paired_difference([1, 2, 3], [1, 2])


def test_differences_that_are_equal_by_chance_are_not_clear() -> None:
    difference = paired_difference([0.944, 0.948, 0.940], [0.940, 0.944, 0.936])
    assert difference.mean == pytest.approx(0.004)
    assert not difference.is_clear
