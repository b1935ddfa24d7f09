import numpy as np
import pytest

from w2v_cli import equations as eq

V = np.array([[1.0, -1.0], [0.5, 0.25], [-0.5, 2.0]])
U = np.array([[0.5, 1.0], [-1.0, 0.5], [0.25, -0.75]])
WORDS = [1, 0, 2, 2, 0]  # the centre word is 0, at place 1; with radius 2 the window is 1, 2, 2


@pytest.mark.parametrize(("model", "n"), [(eq.cbow, 1), (eq.cbow_mean, 3)])
def test_one_pair_predicts_the_centre_word_from_the_window(model, n):
    h = (V[1] + V[2] + V[2]) / n
    pair = eq.naive_softmax(h, 0, U)
    window = model(WORDS, 1, 2, V, U, eq.naive_softmax)
    assert window.loss == pytest.approx(pair.loss)
    np.testing.assert_allclose(window.grad_outside, pair.grad_outside)
    expected = np.array([0 * h, pair.grad_center, 2 * pair.grad_center]) / n
    np.testing.assert_allclose(window.grad_center, expected)


@pytest.mark.parametrize("model", [eq.cbow, eq.cbow_mean])
def test_by_hand_where_all_vectors_that_predict_are_zero(model):
    # h = 0, so ŷ is uniform: loss log 3, ∂J/∂h = mean of the rows of U − u_0.
    window = model(WORDS, 1, 1, np.zeros_like(V), U, eq.naive_softmax)
    assert window.loss == pytest.approx(np.log(3))
    share = 0.5 if model is eq.cbow_mean else 1.0
    np.testing.assert_allclose(window.grad_center[1], share * (U.mean(axis=0) - U[0]))
    assert not window.grad_outside.any()


@pytest.mark.parametrize("model", [eq.cbow, eq.cbow_mean])
def test_a_window_of_one_word_is_one_pair_of_exchanged_roles(model):
    pair = eq.naive_softmax(V[2], 1, U)
    window = model([1, 2], 0, 4, V, U, eq.naive_softmax)
    assert window.loss == pair.loss
    np.testing.assert_array_equal(window.grad_center[2], pair.grad_center)


@pytest.mark.parametrize("model", [eq.cbow, eq.cbow_mean])
def test_a_document_of_one_word_predicts_nothing(model):
    window = model([1], 0, 3, V, U, eq.naive_softmax)
    assert window.loss == 0.0
    assert not window.grad_center.any()
    assert not window.grad_outside.any()


@pytest.mark.parametrize("model", [eq.cbow, eq.cbow_mean])
def test_the_parameters_are_left_alone(model):
    centers, outsides = V.copy(), U.copy()
    model(WORDS, 1, 2, centers, outsides, eq.naive_softmax)
    np.testing.assert_array_equal(centers, V)
    np.testing.assert_array_equal(outsides, U)
