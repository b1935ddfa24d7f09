import doctest
import time

import numpy as np
import pytest

import w2v_cli.vectors.word_vectors as module
from w2v_cli.errors import DataError, UsageError
from w2v_cli.vectors.answers import Neighbor, UnknownWordError
from w2v_cli.vectors.word_vectors import WordVectors, load

WORDS = ["king", "queen", "man", "woman", "tea"]
MATRIX = np.array(
    [[1, 1, 0, 1], [1, 0, 1, 1], [1, 1, 0, 0], [1, 0, 1, 0], [3, 0, 0, -3]], np.float32
)


@pytest.fixture
def vectors():
    return WordVectors(WORDS, MATRIX, np.array([9, 7, 5, 3, 1]))


def test_the_examples_in_the_docstrings_are_true():
    assert doctest.testmod(module).failed == 0


def test_words_and_rows(vectors):
    assert len(vectors) == 5
    assert vectors.dim == 4
    assert list(vectors) == WORDS
    assert "king" in vectors
    assert "King" not in vectors
    assert 3 not in vectors
    assert vectors["queen"].tolist() == [1, 0, 1, 1]
    assert vectors[["tea", "man"]].tolist() == [[3, 0, 0, -3], [1, 1, 0, 0]]


def test_neighbors_of_a_word_and_of_a_vector(vectors):
    assert vectors.neighbors("king", 2) == [
        Neighbor("man", pytest.approx(2 / 6**0.5)),
        Neighbor("queen", pytest.approx(2 / 3)),
    ]
    assert vectors.neighbors(vectors["king"] * 5, 1) == [Neighbor("king", pytest.approx(1))]
    assert [near.word for near in vectors.neighbors("man", 100)] == [
        "king",
        "woman",
        "tea",
        "queen",
    ]
    assert vectors.neighbors_of(["king", "tea"], 1) == [
        vectors.neighbors("king", 1),
        vectors.neighbors("tea", 1),
    ]


def test_raw_compares_by_dot_product(vectors):
    assert vectors.neighbors("man", 2, raw=True) == [Neighbor("tea", 3.0), Neighbor("king", 2.0)]
    assert vectors.similarity("king", "queen", raw=True) == 2.0
    assert vectors.similarity("king", "queen") == pytest.approx(2 / 3)


@pytest.mark.parametrize("n", [-1, 1.5, "3", None])
def test_a_number_of_answers_that_is_none_is_refused(vectors, n):
    with pytest.raises(UsageError, match=r"^n "):
        vectors.neighbors("king", n=n)
    assert len(vectors.neighbors("king", n=np.int64(1))) == 1


def test_analogies(vectors):
    for method in ("add", "mul"):
        answers = vectors.analogy("king", "man", "woman", method=method)
        assert answers[0].word == "queen"
        assert {near.word for near in answers} == {"queen", "tea"}
    assert vectors.analogy("king", "man", "woman", raw=True, n=1) == [Neighbor("queen", 3.0)]
    with pytest.raises(UsageError, match="mul"):
        vectors.analogy("king", "man", "woman", raw=True, method="mul")
    with pytest.raises(UsageError, match="unknown method 'x'; choose from: add, mul"):
        vectors.analogy("king", "man", "woman", method="x")


def test_odd_one_out(vectors):
    ranked = vectors.odd_one_out(["king", "tea", "queen", "man"])
    assert ranked[0].word == "tea"
    assert ranked[0].score == pytest.approx((0 + 0 + 0.5) / 3)
    with pytest.raises(UsageError, match="three words or more"):
        vectors.odd_one_out(["king", "tea"])


def test_a_vector_of_zeros_is_similar_to_nothing():
    vectors = WordVectors(["a", "b"], np.array([[0, 0], [1, 2]], np.float32))
    assert vectors.similarity("a", "b") == 0
    assert vectors.neighbors("b") == [Neighbor("a", 0.0)]


def test_unknown_words_are_key_errors_with_suggestions(vectors):
    with pytest.raises(KeyError, match="unknown word 'quen'; did you mean queen") as caught:
        vectors["quen"]
    assert isinstance(caught.value, DataError)
    assert caught.value.suggestions == ["queen"]
    assert str(caught.value).startswith("unknown word")
    with pytest.raises(UnknownWordError):
        vectors.analogy("king", "man", "xyz")


@pytest.mark.parametrize(
    ("typed", "meant"), [("King", "king"), ("woamn", "woman"), ("ueen", "queen"), ("TEA", "tea")]
)
def test_suggestions(vectors, typed, meant):
    assert vectors.suggestions(typed)[0] == meant


def test_suggestions_are_quick_in_a_large_vocabulary():
    letters = np.random.default_rng(0).integers(97, 123, size=(200_000, 8), dtype=np.uint8)
    words = list(dict.fromkeys(row.tobytes().decode() for row in letters))
    vectors = WordVectors([*words, "extraordinary"], np.ones((len(words) + 1, 1), np.float32))
    started = time.perf_counter()
    assert vectors.suggestions("extrordinary")[0] == "extraordinary"
    assert vectors.suggestions("")[:1] == []
    assert time.perf_counter() - started < 2  # difflib over all words takes 10 s


def test_wrong_shapes_are_refused(vectors):
    with pytest.raises(DataError, match="shape"):
        WordVectors(["a"], MATRIX)
    with pytest.raises(UsageError, match="4"):
        vectors.neighbors(np.ones(3, np.float32))


def test_save_and_load(vectors, tmp_path):
    vectors.save(tmp_path / "v.bin")
    vectors.save(tmp_path / "odd.name", format="npz", precision="int8")
    assert load(tmp_path / "v.bin").words == WORDS
    np.testing.assert_array_equal(load(tmp_path / "v.bin").matrix, MATRIX)
    assert load(str(tmp_path / "odd.name")).counts.tolist() == [9, 7, 5, 3, 1]
    with pytest.raises(UsageError, match="choose from"):
        vectors.save(tmp_path / "v", format="word")
