import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from w2v_cli.errors import DataError
from w2v_cli.pictures.side_by_side import compare, draw_comparison, least_agreed, words_of_both
from w2v_cli.pictures.words import default_groups
from w2v_cli.vectors.alignment import find_rotation, same_width
from w2v_cli.vectors.word_vectors import WordVectors

WORDS = [f"word{i}" for i in range(30)]


def spaces(seed=1, dim=6, scale=3.0):
    rng = np.random.default_rng(seed)
    first = rng.normal(size=(30, dim)).astype(np.float32)
    turn = np.linalg.qr(rng.normal(size=(dim, dim)))[0]
    return first, (scale * first @ turn).astype(np.float32)


@given(st.integers(0, 10**6), st.floats(0.1, 10))
def test_a_turned_and_scaled_space_is_turned_back(seed, scale):
    first, second = spaces(seed, scale=scale)
    rotation, found = find_rotation(first, second)
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(6), atol=1e-5)
    np.testing.assert_allclose(found * second @ rotation, first, atol=1e-4)


def test_spaces_of_different_width_are_filled_up():
    a, b = same_width(np.ones((3, 2)), np.ones((4, 5)))
    assert (a.shape, b.shape) == ((3, 5), (4, 5))
    assert (a[:, 2:] == 0).all()


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_equal_runs_have_equal_sides(method):
    if method == "tsne":
        pytest.importorskip("openTSNE")
    first, second = spaces()
    compared = compare(WORDS, WordVectors(WORDS, first), WordVectors(WORDS, second), method)
    np.testing.assert_allclose(compared.closeness, 1, atol=1e-5)
    if method == "pca":
        np.testing.assert_allclose(compared.left.points, compared.right.points, atol=1e-4)


def test_the_word_that_moved_is_named():
    first, second = spaces()
    second[7] *= -1
    compared = compare(WORDS, WordVectors(WORDS, first), WordVectors(WORDS, second))
    assert next(iter(least_agreed(WORDS, compared, 1))) == "word7"


def test_runs_with_other_words_and_dimensions_share_what_they_can():
    first, second = spaces()
    other = WordVectors([*WORDS[5:], "x"], np.vstack([second[5:, :4], np.ones((1, 4))]))
    both, missing = words_of_both(WORDS, WordVectors(WORDS, first), other)
    assert (both, missing) == (WORDS[5:], WORDS[:5])
    assert len(compare(both, WordVectors(WORDS, first), other).right.points) == 25
    with pytest.raises(DataError, match="fewer than two"):
        words_of_both(WORDS[:6], WordVectors(WORDS, first), other)


def test_both_sides_have_the_same_limits_words_and_colours():
    first, second = spaces()
    second += 0.3 * spaces(2)[0]
    compared = compare(WORDS, WordVectors(WORDS, first), WordVectors(WORDS, second))
    drawn = draw_comparison(WORDS, compared, default_groups(WORDS, first), ("one", "two"))
    left, right = drawn.axes
    assert left.get_xlim() == right.get_xlim()
    assert left.get_ylim() == right.get_ylim()
    assert [axes.get_title(loc="left") for axes in drawn.axes] == ["one", "two"]
    for axes in drawn.axes:
        assert len({text.get_text() for text in axes.texts} & set(WORDS)) > 25
