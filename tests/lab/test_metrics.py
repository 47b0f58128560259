import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cuaderno.lab.metrics import bootstrap, wilson


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (200, 200, 0.9812, 1.0), (1, 1, 0.2065, 1.0)],
)
def test_wilson_gives_the_published_intervals(successes, n, low, high):
    metric = wilson(successes, n)
    assert metric.low == pytest.approx(low, abs=1e-4)
    assert metric.high == pytest.approx(high, abs=1e-4)


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_its_value_and_is_symmetric(case):
    successes, n = case
    metric, mirror = wilson(successes, n), wilson(n - successes, n)
    assert 0 <= metric.low <= metric.value <= metric.high <= 1
    assert metric.low == pytest.approx(1 - mirror.high, abs=1e-12)


@pytest.mark.parametrize("case", [(1, 0), (-1, 5), (6, 5)])
def test_wilson_refuses_impossible_counts(case):
    with pytest.raises(ValueError):
        wilson(*case)


def test_bootstrap_covers_the_mean_of_a_normal_sample():
    covered = 0
    for seed in range(200):
        values = np.random.default_rng(seed).normal(3.0, 1.0, 60)
        metric = bootstrap(values, num_resamples=500, seed=seed)
        covered += metric.low <= 3.0 <= metric.high
    assert 180 <= covered <= 199  # 95 % of 200 is 190; the percentile bootstrap is a little narrow


def test_bootstrap_takes_any_statistic_and_repeats():
    values = [1.0, 2.0, 3.0, 100.0, 5.0]
    first, second = bootstrap(values, np.median, seed=1), bootstrap(values, np.median, seed=1)
    assert first == second and first.value == 3.0 and first.n == 5


@pytest.mark.parametrize("values", [[], [[1.0]], [1.0, math.nan]])
def test_bootstrap_refuses_what_it_cannot_measure(values):
    with pytest.raises(ValueError):
        bootstrap(values)
