import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from w2v_cli.pictures.scatter import choose_view, natural_aspect


def spread(n=40, seed=1):
    return np.random.default_rng(seed).normal(size=(n, 2))


@given(st.integers(0, 10**6), st.integers(1, 60), st.floats(0.3, 3))
def test_both_axes_have_the_same_scale_and_every_near_word_is_inside(seed, n, aspect):
    points = np.random.default_rng(seed).standard_t(1.5, size=(n, 2))
    view = choose_view(points, aspect)
    width, height = view.high - view.low
    assert width / height == pytest.approx(aspect)
    near = points[~view.far]
    assert ((near > view.low) & (near < view.high)).all()


def test_one_far_word_does_not_squeeze_the_others():
    points = spread()
    with_far = np.vstack([points, [[300.0, 5.0]]])
    view = choose_view(with_far, 1.0)
    assert view.far.tolist() == [False] * 40 + [True]
    np.testing.assert_allclose(view.high - view.low, np.ptp(points, axis=0).max() * 1.16)
    np.testing.assert_allclose(view.clip(with_far)[-1], [view.high[0], view.clip(with_far)[-1, 1]])


def test_a_cluster_far_away_stays():
    points = np.vstack([spread(), [[50.0, 0], [51, 0], [52, 1]]])
    assert not choose_view(points, 1.0).far.any()


def test_no_word_is_far_where_all_must_show():
    points = np.vstack([spread(), [[300.0, 5.0]]])
    assert not choose_view(points, 1.0, keep_all=True).far.any()


@pytest.mark.parametrize(
    "points", [np.zeros((1, 2)), np.ones((30, 2)), np.repeat([[0.0, 0], [1, 0]], [29, 1], axis=0)]
)
def test_equal_points_still_have_limits(points):
    view = choose_view(points, 1.5)
    assert (view.high > view.low).all()
    assert not view.far.any()


def test_the_paper_has_the_shape_of_the_points_within_reason():
    points = spread(400)
    assert natural_aspect(points) == pytest.approx(1, abs=0.3)
    assert natural_aspect(points * [9, 1]) == 1.6
    assert natural_aspect(points * [1, 9]) == 0.85
