"""The compiled loops of naive softmax against NumPy's."""

import numpy as np
import pytest
from numba import config as numba_config

from w2v_cli.engines.exact import exact_kernels as kernels
from w2v_cli.engines.exact.tiles import exponentials


def both(scores, prior):
    results = []
    for dtype in (np.float32, np.float64):
        tile = scores.astype(dtype)
        sums = np.empty((3, len(scores)), dtype)
        exponentials(tile, prior.astype(dtype), *sums)
        results.append((tile, *sums))
    return results


@pytest.mark.parametrize("width", [1, 2, 7, 8, 63, 1000])
@pytest.mark.parametrize("size", [0.0, 1e-3, 1.0, 30.0])
def test_equals_numpy(width, size):
    rng = np.random.default_rng(width)
    scores = (size * rng.standard_normal((5, width))).astype(np.float32)
    prior = rng.standard_normal(width).astype(np.float32)
    fast, plain = both(scores, prior)
    for a, b in zip(fast, plain, strict=True):
        np.testing.assert_allclose(a, b, rtol=3e-5, atol=1e-5 * max(1.0, size))


def test_exp_is_right_to_the_last_bits():
    n = 1_001 if numba_config.DISABLE_JIT else 1_000_001
    scores = np.linspace(-86, 0, n, dtype=np.float32)[None]
    tile, sums = scores.copy(), np.empty((3, 1), np.float32)
    kernels.exponentials(tile, np.zeros(scores.shape[1], np.float32), *sums)
    assert sums[0] == 0
    np.testing.assert_allclose(tile, np.exp(scores.astype(np.float64)), rtol=2e-7)


@pytest.mark.parametrize("values", [[-5.0, -3.0, -4.0], [-1e30, -1e30], [3e38, -3e38], [0.0, -0.0]])
def test_finds_the_largest_of_any_sign(values):
    tile = np.array([values], np.float32)
    sums = np.empty((3, 1), np.float32)
    kernels.exponentials(tile, np.zeros(len(values), np.float32), *sums)
    assert sums[0, 0] == np.float32(max(values))


@pytest.mark.parametrize("bad", [np.nan, -np.nan, np.inf])
def test_nothing_that_is_not_finite_gets_lost(bad):
    tile = np.array([[0.0, bad, 1.0] * 11], np.float32)
    sums = np.empty((3, 1), np.float32)
    kernels.exponentials(tile, np.zeros(33, np.float32), *sums)
    assert not np.isfinite(sums).all()


def test_subtracts_counts_where_they_are():
    tile = np.ones((2, 3), np.float32)
    row_start, columns = np.array([0, 3, 4, 4]), np.array([0, 4, 6, 5], np.uint32)
    weights, centers = np.array([9.0, 1.0, 2.0, 3.0]), np.array([1, 0])
    share, ratio = np.array([1.0, 0.5], np.float32), np.array([10.0, 100.0])
    kernels.subtract_counts(tile, row_start, columns, weights, centers, 4, share, ratio)
    np.testing.assert_array_equal(tile, [[1, 1 - 30, 1], [0.5 - 100, 0.5, 0.5 - 200]])
