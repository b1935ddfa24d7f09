import numpy as np
import pytest

from w2v_cli.errors import DataError, UsageError
from w2v_cli.pictures.words import (
    keep_known,
    split_words,
    top_words,
    words_matching,
    words_near,
)
from w2v_cli.vectors.answers import UnknownWordError
from w2v_cli.vectors.word_vectors import WordVectors

WORDS = ["the", "42", "king", "kings", "queen", "'s", "Of", "東京"]
VECTORS = WordVectors(WORDS, np.eye(8, 5, dtype=np.float32) + 0.1)


def test_the_top_words_have_no_stop_words_and_no_numbers():
    assert top_words(VECTORS, 3) == ["king", "kings", "queen"]
    assert top_words(VECTORS, 2, stop_words=True) == ["the", "42"]
    assert top_words(VECTORS, 99)[-1] == "東京"


def test_contractions_of_stop_words_are_stop_words():
    words = ["don't", "it's", "n't", "i’m", "king's", "o'clock", "film"]
    vectors = WordVectors(words, np.eye(7, dtype=np.float32))
    assert top_words(vectors, 9) == ["king's", "o'clock", "film"]


def test_words_come_from_neighbours_or_a_pattern():
    assert words_near(VECTORS, "king", 2)[0] == "king"
    assert len(words_near(VECTORS, "king", 2)) == 3
    assert words_matching(VECTORS, "king.?") == ["king", "kings"]
    assert words_matching(VECTORS, ".*", n=2) == ["the", "42"]
    with pytest.raises(UnknownWordError):
        words_near(VECTORS, "kinng", 2)
    with pytest.raises(UsageError, match="regular expression"):
        words_matching(VECTORS, "(")


def test_words_are_split_at_commas_and_spaces():
    assert split_words("king, queen\nman,woman ") == ["king", "queen", "man", "woman"]


def test_known_words_are_kept_once_and_the_others_are_named():
    assert keep_known(["king", "x", "queen", "king"], VECTORS) == (["king", "queen"], ["x"])


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        (["king"], UsageError, "--neighbors-of king"),
        (["king", "king"], UsageError, "--neighbors-of king"),
        (["king", "x"], DataError, "only 'king'"),
        (["x", "y"], DataError, "none of the words"),
        ([], DataError, "--top 50"),
    ],
)
def test_a_single_word_is_refused_with_a_hint(words, error, message):
    with pytest.raises(error, match=message):
        keep_known(words, VECTORS)
