import numpy as np
import pytest

from w2v_cli import equations as eq

V = np.array([[1.0, -1.0], [0.5, 0.25], [-0.5, 2.0]])
U = np.array([[0.5, 1.0], [-1.0, 0.5], [0.25, -0.75]])


def test_naive_softmax_by_hand():
    # Scores 0, so ŷ is uniform: loss log 3, gradients from ŷ − y = (−2/3, 1/3, 1/3).
    loss, grad_center, grad_outside = eq.naive_softmax(np.zeros(2), 0, U)
    assert loss == pytest.approx(np.log(3))
    np.testing.assert_allclose(grad_center, U.mean(axis=0) - U[0])
    np.testing.assert_array_equal(grad_outside, np.zeros((3, 2)))


def test_negative_sampling_by_hand():
    # Every σ is 1/2: loss (1 + K) log 2, ∂v_c = −u_o/2 + Σ u_k/2.
    loss, grad_center, _ = eq.negative_sampling(np.zeros(2), 0, [1, 2, 2], U)
    assert loss == pytest.approx(4 * np.log(2))
    np.testing.assert_allclose(grad_center, (-U[0] + U[1] + 2 * U[2]) / 2)


def test_columns_are_rows_transposed():
    rows = eq.naive_softmax(V[0], 1, U)
    columns = eq.naive_softmax_columns(V[0], 1, U.T)
    assert columns.loss == pytest.approx(rows.loss)
    np.testing.assert_allclose(columns.grad_center, rows.grad_center)
    np.testing.assert_allclose(columns.grad_outside, rows.grad_outside.T)


@pytest.mark.parametrize("form", [eq.negative_sampling, eq.negative_sampling_stacked])
def test_a_negative_drawn_three_times_counts_three_times(form):
    once = form(V[0], 0, [1], U).grad_outside[1]
    np.testing.assert_allclose(form(V[0], 0, [1, 2, 1, 1], U).grad_outside[1], 3 * once)


@pytest.mark.parametrize("form", [eq.negative_sampling, eq.negative_sampling_stacked])
def test_no_negatives_at_all(form):
    loss, _, grad_outside = form(V[0], 0, [], U)
    assert loss == pytest.approx(-np.log(eq.sigmoid(U[0] @ V[0])))
    assert not grad_outside[1:].any()


def test_only_the_drawn_rows_are_touched():
    touched = np.any(eq.negative_sampling(V[0], 2, [1, 1], U).grad_outside != 0, axis=1)
    np.testing.assert_array_equal(touched, [False, True, True])
    assert np.any(eq.naive_softmax(V[0], 2, U).grad_outside != 0, axis=1).all()


def test_large_scores_stay_finite():
    v_c, outside = np.array([100.0]), np.array([[100.0], [0.0], [-100.0]])
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        for o in range(3):
            for result in (
                eq.naive_softmax(v_c, o, outside),
                eq.negative_sampling(v_c, o, [0, 2], outside),
                eq.negative_sampling_stacked(v_c, o, [0, 2], outside),
            ):
                assert all(np.isfinite(part).all() for part in result)
    assert eq.naive_softmax(v_c, 2, outside).loss == 20_000.0


@pytest.mark.parametrize(
    ("t", "radius", "positions"),
    [(0, 2, [1, 2]), (2, 1, [1, 3]), (4, 3, [1, 2, 3]), (2, 9, [0, 1, 3, 4])],
)
def test_windows_leave_the_middle_out_and_end_with_the_document(t, radius, positions):
    assert eq.outside_positions(t, radius, 5) == positions


def test_a_window_is_the_sum_of_its_pairs():
    words = [1, 0, 2, 0]
    window = eq.skip_gram(words, 1, 2, V, U, eq.naive_softmax)
    pairs = [eq.naive_softmax(V[0], o, U) for o in (1, 2, 0)]
    assert window.loss == pytest.approx(sum(p.loss for p in pairs))
    np.testing.assert_allclose(window.grad_center[0], sum(p.grad_center for p in pairs))
    np.testing.assert_allclose(window.grad_outside, sum(p.grad_outside for p in pairs))
    assert not window.grad_center[1:].any()


def test_a_document_of_one_word_has_no_pairs():
    window = eq.skip_gram([1], 0, 3, V, U, eq.naive_softmax)
    assert window.loss == 0.0
    assert not window.grad_center.any()
    assert not window.grad_outside.any()
