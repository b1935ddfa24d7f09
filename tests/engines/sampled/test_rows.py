"""Centre vectors of several rows, gathered and moved by the kernels."""

import numpy as np
import pytest
from numba import njit

from w2v_cli.engines.centers import centers_of
from w2v_cli.engines.sampled import products
from w2v_cli.engines.sampled.buffers import Model, aligned_zeros, free_model
from w2v_cli.engines.sampled.engine import rows_of
from w2v_cli.engines.settings import ModelSettings

WORDS = ("run", "running", "runner", "banana", "bananas", "é", "a")
CENTERS = centers_of(ModelSettings(subwords="2-4", ngrams="hashed", buckets=31), WORDS)
ROWS = rows_of(CENTERS)


@njit
def gather(*arguments):
    products.gather_means(*arguments)


@njit
def descend(*arguments):
    products.descend_means(*arguments)


def model_of(Z):
    return free_model(Model, Z, Z[:0], np.zeros(0, np.float32), ROWS)


@pytest.mark.parametrize("width", [16, 32, 48])
def test_a_centre_vector_is_the_mean_of_the_rows(width):
    Z = aligned_zeros(CENTERS.n_rows, width)
    Z[:] = np.random.default_rng(0).standard_normal(Z.shape)
    words = np.array([9, 4, 0, 4, 3], np.int32)
    means = aligned_zeros(4, width)
    gather(model_of(Z), words, 1, 4, width, means.reshape(-1))
    np.testing.assert_allclose(means, CENTERS.of(Z, words[1:]), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("columns", [(0, 32), (16, 32)])
def test_each_row_of_a_word_moves_by_the_whole_gradient(columns):
    Z = aligned_zeros(CENTERS.n_rows, 32)
    words = np.array([3, 6, 3], np.int32)
    gradient = aligned_zeros(3, 32)
    gradient[:] = np.random.default_rng(0).standard_normal(gradient.shape)
    descend(model_of(Z), words, 0, 3, 32, columns, 0.5, gradient.reshape(-1))
    expected = np.zeros(Z.shape)
    for word, g in zip(words, gradient, strict=True):
        for row in CENTERS.rows[CENTERS.start[word] : CENTERS.start[word + 1]]:
            expected[row, slice(*columns)] -= 0.5 * g[slice(*columns)]
    np.testing.assert_allclose(Z, expected, rtol=1e-5, atol=1e-6)
