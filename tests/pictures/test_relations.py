import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from w2v_cli.errors import UsageError
from w2v_cli.pictures.arrows import draw_analogies, parse_pair
from w2v_cli.pictures.projection import agreement, relation_plane


def parallel(n=3, dim=8, seed=1, noise=0.0):
    rng = np.random.default_rng(seed)
    starts = rng.normal(size=(n, dim))
    return starts, starts + rng.normal(size=dim) + noise * rng.normal(size=(n, dim))


def test_parallel_differences_are_parallel_arrows_of_full_length():
    starts, ends = parallel()
    plane = relation_plane(starts, ends)
    arrows = plane.ends - plane.starts
    np.testing.assert_allclose(arrows, np.tile(arrows[0], (3, 1)), atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(arrows, axis=1), np.linalg.norm((ends - starts)[0]))
    assert plane.agreement == pytest.approx(1)
    assert plane.shown == pytest.approx(1)
    np.testing.assert_allclose(arrows[:, 0], 0, atol=1e-12)  # straight up
    assert (arrows[:, 1] > 0).all()


@given(st.integers(0, 10**6), st.integers(2, 6), st.floats(0, 3))
def test_the_plane_is_made_of_two_unit_directions_at_right_angles(seed, n, noise):
    starts, ends = parallel(n, seed=seed, noise=noise)
    plane = relation_plane(starts, ends)
    rows, points = np.vstack([starts, ends]), np.vstack([plane.starts, plane.ends])
    between = np.linalg.norm(rows[:, None] - rows[None], axis=2)
    drawn = np.linalg.norm(points[:, None] - points[None], axis=2)
    assert (drawn <= between + 1e-9).all()  # a projection never makes distances longer
    assert 0 <= plane.shown <= 1 + 1e-12


def test_the_agreement_is_the_mean_cosine_between_differences():
    rows = np.array([[1.0, 0], [0, 2], [3, 3]])
    cosines = [0, np.sqrt(0.5), np.sqrt(0.5)]
    assert agreement(rows) == pytest.approx(np.mean(cosines))
    assert agreement(rows[:1]) is None


@pytest.mark.parametrize("n", [1, 2])
def test_one_pair_and_equal_words_can_be_drawn(n):
    for starts, ends in (parallel(n), (np.ones((n, 4)), np.ones((n, 4)))):
        drawn = draw_analogies([("a", "b"), ("c", "d")][:n], starts, ends)
        assert {"a", "b"} <= {text.get_text() for text in drawn.axes[0].texts}


def test_the_picture_has_an_arrow_per_pair_and_says_how_well_they_agree():
    pairs = [("king", "queen"), ("man", "woman"), ("king", "man")]
    starts, ends = parallel()
    drawn = draw_analogies(pairs, starts, ends, title="t")
    texts = [text.get_text() for text in drawn.axes[0].texts]
    assert texts.count("") == 3  # an arrow is an annotation without text
    assert any("differences: 1.00" in text.replace("\n", " ") for text in texts)


@pytest.mark.parametrize("text", ["king", "a:b:c", ":queen", "king:", "a:a", ""])
def test_a_pair_is_two_words_with_a_colon_between(text):
    assert parse_pair("king:queen") == ("king", "queen")
    with pytest.raises(UsageError, match="king:queen"):
        parse_pair(text)
