import naive
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from w2v_cli.engines.reference.engine import (
    naive_softmax_step,
    negative_sampling_step,
    sigmoid,
    sum_rows,
)

V, D = 7, 3


def matrices(seed, dtype=np.float64):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(V, D)).astype(dtype), rng.normal(size=(V, D)).astype(dtype), rng


@given(st.integers(0, 10**6), st.integers(1, 12), st.integers(1, 6))
def test_negative_sampling_is_the_naive_sum(seed, n_pairs, n_negatives):
    center, outside, rng = matrices(seed)
    centers = np.sort(rng.integers(0, V, n_pairs))
    outsides = rng.integers(0, V, n_pairs)
    negatives = rng.integers(0, V, (n_pairs, n_negatives))
    expected = naive.negative_sampling_batch(center, outside, centers, outsides, negatives)
    loss, grad_center, grad_outside = negative_sampling_step(
        center, outside, centers, outsides, negatives
    )
    assert loss == pytest.approx(expected[0])
    np.testing.assert_allclose(grad_center, expected[1], atol=1e-12)
    np.testing.assert_allclose(naive.dense(grad_outside, (V, D)), expected[2], atol=1e-12)


@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(1, 12))
def test_naive_softmax_is_the_naive_sum(seed, n_windows, n_pairs):
    center, outside, rng = matrices(seed)
    centers = rng.integers(0, V, n_windows)
    which = np.sort(rng.integers(0, n_windows, n_pairs))
    outsides = rng.integers(0, V, n_pairs)
    expected = naive.naive_softmax_batch(center, outside, centers, which, outsides)
    loss, grad_rows, grad_outside = naive_softmax_step(center[centers], outside, which, outsides)
    grad_center = naive.dense(sum_rows(centers, grad_rows), (V, D))
    assert loss == pytest.approx(expected[0])
    np.testing.assert_allclose(grad_center, expected[1], atol=1e-12)
    np.testing.assert_allclose(grad_outside, expected[2], atol=1e-12)


def test_only_the_rows_that_occur_have_a_gradient():
    center, outside, _ = matrices(1)
    _, grad_center, grad_outside = negative_sampling_step(
        center, outside, np.array([2, 2]), np.array([0, 1]), np.array([[3, 3], [4, 1]])
    )
    assert np.flatnonzero(grad_center.any(axis=1)).tolist() == [2]
    assert grad_outside.rows.tolist() == [0, 1, 3, 4]


def test_float32_stays_float32_and_huge_scores_stay_finite():
    center, outside, _ = matrices(2, np.float32)
    pair = np.array([0]), np.array([1])
    loss, grad_center, _ = negative_sampling_step(
        center * 1e3, outside * 1e3, *pair, np.array([[2, 3]])
    )
    assert grad_center.dtype == np.float32
    assert np.isfinite(loss)
    loss, _, grad_outside = naive_softmax_step(center[:1] * 1e3, outside * 1e3, pair[0], pair[1])
    assert np.isfinite(loss)
    assert grad_outside.dtype == np.float32
    assert np.isfinite(grad_outside).all()


def test_sum_rows_adds_up_repeated_rows():
    gradient = sum_rows(np.array([3, 1, 3]), np.array([[1.0], [2.0], [4.0]]))
    assert gradient.rows.tolist() == [1, 3]
    assert gradient.values.tolist() == [[2.0], [5.0]]


@given(st.floats(-1e4, 1e4))
def test_sigmoid_is_stable(x):
    assert sigmoid(np.array([x]))[0] + sigmoid(np.array([-x]))[0] == pytest.approx(1)
