import numpy as np
import pytest

from w2v_cli.checks.measure import Tally, derivative, numerical_gradient, relative_error


def test_the_difference_is_far_better_than_the_tolerance():
    for a in (-2.0, 0.3, 1.7):
        slope = derivative(lambda h, a=a: float(np.exp(a + h)))
        assert slope == pytest.approx(np.exp(a), abs=1e-11)


def test_gradient_of_a_matrix_function():
    x = np.arange(6.0).reshape(2, 3)
    gradient = numerical_gradient(lambda z: float((z**2).sum()), x)
    np.testing.assert_allclose(gradient, 2 * x, atol=1e-9)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_infinitely_wrong(bad):
    assert relative_error(bad, 1.0) == np.inf
    assert relative_error(1.0, bad) == np.inf
    assert relative_error(bad, bad) == np.inf


def test_nothing_compared_is_not_a_pass():
    assert not Tally(1e-8).passed


def test_a_wrong_shape_fails_even_when_it_would_broadcast():
    tally = Tally(1e-8)
    tally.equal("g", np.zeros((1, 3)), np.zeros(3))
    assert not tally.passed
    assert "shape (1, 3), not (3,)" in tally.worst.where


def test_the_worst_coordinate_is_kept():
    tally = Tally(1e-8, place="here")
    tally.equal("a", [1.0, 2.0], [1.0, 2.1])
    tally.equal("b", [[0.0, 0.5]], [[0.0, 0.0]])
    tally.equal("c", 3.0, 3.0)
    assert tally.worst.where == "b[0, 1]"
    assert (tally.worst.got, tally.worst.expected, tally.worst.place) == (0.5, 0.0, "here")
    assert tally.n_compared == 5


def test_a_gradient_that_is_right_on_the_axes_only_is_caught():
    # xy²/(x² + y²) is 0 on both axes and has slope ab² along (a, b): no gradient at 0 fits.
    tally = Tally(1e-8)
    rng = np.random.Generator(np.random.Philox(key=1))
    tally.gradient("g", np.zeros(2), lambda z: z[0] * z[1] ** 2 / (z @ z), np.zeros(2), rng)
    assert not tally.passed
    assert tally.worst.where == "g · d"
