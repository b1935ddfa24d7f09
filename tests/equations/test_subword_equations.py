"""Subwords by hand: a mean of rows, and where its gradient goes."""

import numpy as np
import pytest

from w2v_cli import equations as eq

Z = np.array([[1.0, -1.0], [0.5, 0.25], [-0.5, 2.0], [3.0, 1.0]])
U = np.array([[0.5, 1.0], [-1.0, 0.5], [0.25, -0.75]])


def test_the_mean_of_the_rows_is_the_centre_vector_of_the_pair():
    result = eq.subwords([0, 2, 2], 1, Z, U, eq.naive_softmax)
    pair = eq.naive_softmax((Z[0] + 2 * Z[2]) / 3, 1, U)
    assert result.loss == pytest.approx(pair.loss)
    np.testing.assert_allclose(result.grad_outside, pair.grad_outside)
    shares = np.array([1, 0, 2, 0]) / 3
    np.testing.assert_allclose(result.grad_center, np.outer(shares, pair.grad_center))


def test_a_word_with_one_row_is_a_word_without_subwords():
    result = eq.subwords([3], 0, Z, U, eq.naive_softmax)
    pair = eq.naive_softmax(Z[3], 0, U)
    assert result.loss == pair.loss
    np.testing.assert_array_equal(result.grad_center[3], pair.grad_center)


def test_all_means_are_one_product_and_gradients_go_back_by_the_transpose():
    groups = [[0, 3], [1], [2, 3, 3]]
    S = eq.mean_matrix(groups, len(Z))
    np.testing.assert_allclose(S.sum(axis=1), 1)
    for c, rows in enumerate(groups):
        np.testing.assert_allclose((S @ Z)[c], Z[rows].mean(axis=0))
    grad_V = np.array([eq.naive_softmax(v, 1, U).grad_center for v in S @ Z])
    one_by_one = sum(eq.subwords(rows, 1, Z, U, eq.naive_softmax).grad_center for rows in groups)
    np.testing.assert_allclose(S.T @ grad_V, one_by_one)
