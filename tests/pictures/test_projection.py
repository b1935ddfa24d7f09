import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from w2v_cli.pictures.projection import project


@given(st.integers(0, 10**6), st.integers(2, 20), st.integers(2, 9))
def test_the_axes_are_those_of_the_covariance(seed, n, dim):
    vectors = np.random.default_rng(seed).normal(size=(n, dim))
    projection = project(vectors)
    centred = vectors - vectors.mean(axis=0)
    eigenvalues = np.sort(np.linalg.eigvalsh(centred.T @ centred))[::-1]
    assert (projection.points**2).sum(axis=0) == pytest.approx(eigenvalues[:2], abs=1e-9)
    assert projection.explained == pytest.approx(eigenvalues[:2] / eigenvalues.sum(), abs=1e-9)


def test_the_picture_does_not_depend_on_the_sign_of_an_axis():
    vectors = np.random.default_rng(3).normal(size=(9, 4))
    flipped = vectors @ np.diag([-1, 1, -1, 1])
    np.testing.assert_allclose(abs(project(vectors).points), abs(project(flipped).points))


@pytest.mark.parametrize("shape", [(1, 5), (4, 1), (3, 5)])
def test_too_few_words_or_dimensions_give_zeros(shape):
    projection = project(np.ones(shape))
    assert projection.points.shape == (shape[0], 2)
    assert np.all(projection.points == 0)
    assert np.all(projection.explained == 0)
