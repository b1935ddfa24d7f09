import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from w2v_cli import equations as eq

LARGE = np.array([-10_000.0, -745.2, -36.0, 0.0, 36.0, 709.9, 10_000.0])
VECTORS = arrays(np.float64, st.integers(1, 6), elements=st.floats(-10_000, 10_000))


@pytest.fixture(autouse=True)
def _overflow_is_an_error():
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        yield


@given(VECTORS)
def test_softmax_is_a_distribution_at_any_scores(x):
    y_hat = eq.softmax(x)
    assert (y_hat >= 0).all()
    assert y_hat.sum() == pytest.approx(1.0)
    assert np.argmax(y_hat) == np.argmax(x) or y_hat.max() == y_hat[np.argmax(x)]


@given(VECTORS)
def test_log_softmax_is_finite_where_the_probability_is_zero(x):
    assert np.isfinite(eq.log_softmax(x)).all()
    np.testing.assert_allclose(np.exp(eq.log_softmax(x)), eq.softmax(x), atol=1e-300, rtol=1e-10)


def test_sigmoid_at_large_scores():
    np.testing.assert_array_equal(eq.sigmoid(LARGE[[0, 3, -1]]), [0.0, 0.5, 1.0])
    assert np.isfinite(eq.log_sigmoid(LARGE)).all()
    assert eq.log_sigmoid(-10_000.0) == -10_000.0
    assert np.isfinite(eq.sigmoid_derivative(LARGE)).all()


def test_integers_are_taken_as_numbers():
    assert eq.sigmoid(0) == 0.5
    np.testing.assert_allclose(eq.softmax([0, 0]), [0.5, 0.5])
    np.testing.assert_allclose(eq.l2_normalize([3, 4]), [0.6, 0.8])


def test_softmax_of_a_matrix_goes_by_rows():
    x = np.array([[1.0, 2.0], [1001.0, 1002.0]])
    np.testing.assert_allclose(eq.softmax(x), [eq.softmax(x[0])] * 2)


def test_cross_entropy_ignores_words_that_cannot_occur():
    assert eq.cross_entropy([0, 1, 0], [0.0, 0.25, 0.75]) == pytest.approx(np.log(4))


def test_inputs_are_left_alone():
    x = np.array([1.0, 2.0, 3.0])
    for f in (eq.softmax, eq.log_softmax, eq.sigmoid, eq.log_sigmoid, eq.l2_normalize):
        f(x)
    np.testing.assert_array_equal(x, [1.0, 2.0, 3.0])


def test_l2_normalize_keeps_zero_and_does_not_overflow():
    np.testing.assert_array_equal(eq.l2_normalize([0.0, 0.0]), [0.0, 0.0])
    np.testing.assert_allclose(eq.l2_normalize([3e300, 4e300]), [0.6, 0.8])
    np.testing.assert_allclose(eq.l2_normalize([3e-300, 4e-300]), [0.6, 0.8])


def test_leaky_relu_has_no_derivative_at_zero():
    slope = eq.leaky_relu_derivative(np.array([-2.0, 0.0, 2.0]), 0.1)
    np.testing.assert_array_equal(slope, [0.1, np.nan, 1.0])
