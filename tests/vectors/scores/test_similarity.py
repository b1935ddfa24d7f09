import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from w2v_cli.vectors.scores.intervals import bootstrap_interval, spearman
from w2v_cli.vectors.scores.scoring import pair_scores


def naive_ranks(values):
    return [sum(v < x for v in values) + (sum(v == x for v in values) + 1) / 2 for x in values]


def naive_spearman(x, y):
    a, b = (np.array(naive_ranks(side)) for side in (x, y))
    a, b = a - a.mean(), b - b.mean()
    return (a @ b) / math.sqrt((a @ a) * (b @ b))


PAIRS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=30)


@given(PAIRS)
def test_spearman_is_the_correlation_of_ranks_with_shared_places(pairs):
    x, y = np.array(pairs, dtype=float).T
    if len(set(x)) == 1 or len(set(y)) == 1:
        assert math.isnan(spearman(x, y))
    else:
        assert spearman(x, y) == pytest.approx(naive_spearman(x, y), abs=1e-12)
        assert spearman(x, y) == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-12)


@pytest.mark.filterwarnings("error")
@settings(max_examples=10)
@given(PAIRS)
def test_the_interval_is_that_of_samples_drawn_one_by_one(pairs):
    x, y = np.array(pairs, dtype=float).T
    found = bootstrap_interval(x, y, np.random.Generator(np.random.Philox(key=1)), 40)
    samples = np.random.Generator(np.random.Philox(key=1)).integers(len(x), size=(40, len(x)))
    rhos = [
        naive_spearman(x[sample], y[sample])
        for sample in samples
        if len(set(x[sample])) > 1 and len(set(y[sample])) > 1
    ]
    expected = np.quantile(rhos, [0.025, 0.975]) if rhos else [math.nan, math.nan]
    assert found == pytest.approx(tuple(expected), abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("n", [0, 1])
def test_too_few_pairs_have_no_correlation(n):
    generator = np.random.default_rng(0)
    assert math.isnan(spearman(np.ones(n), np.ones(n)))
    assert all(map(math.isnan, bootstrap_interval(np.ones(n), np.ones(n), generator, 10)))


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    generator = np.random.default_rng(5)
    correlation = 0.6
    truth = 6 / math.pi * math.asin(correlation / 2)  # of a bivariate normal
    covered = 0
    for _ in range(60):
        x = generator.standard_normal(150)
        y = correlation * x + math.sqrt(1 - correlation**2) * generator.standard_normal(150)
        low, high = bootstrap_interval(x, y, generator, 100)
        covered += low <= truth <= high
    assert 52 <= covered <= 60


def test_the_interval_depends_on_the_generator_only():
    x, y = np.random.default_rng(0).standard_normal((2, 30))
    first = bootstrap_interval(x, y, np.random.default_rng(1), 50)
    assert first == bootstrap_interval(x, y, np.random.default_rng(1), 50)
    assert first != bootstrap_interval(x, y, np.random.default_rng(2), 50)


def test_pair_scores():
    matrix = np.array([[1, 0], [0.6, 0.8]], dtype=np.float32)
    scores = pair_scores(matrix, np.array([0, 1]), np.array([1, 1]))
    np.testing.assert_allclose(scores, [0.6, 1.0], rtol=1e-6)
