"""One seam between words and vectors: a row, or several rows with weights."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from w2v_cli.errors import UsageError
from w2v_cli.vectors.answers import Neighbor, UnknownWordError
from w2v_cli.vectors.lookup import Rows, WeightedRows
from w2v_cli.vectors.word_vectors import WordVectors

MATRIX = np.random.default_rng(0).standard_normal((6, 3), dtype=np.float32)


def naive_vector(parts):
    """parts: (row, weight) pairs of one word."""
    total = np.zeros(3)
    for row, weight in parts:
        total += np.float32(weight) * MATRIX[row].astype(np.float64)
    return total


def weighted_rows(words):
    """words: word → list of (row, weight)."""
    parts = [part for each in words.values() for part in each]
    return WeightedRows(
        ids={word: i for i, word in enumerate(words)},
        start=np.cumsum([0, *map(len, words.values())]),
        rows=np.array([row for row, _ in parts], dtype=np.int64),
        weights=np.array([weight for _, weight in parts], dtype=np.float32),
        matrix=MATRIX,
    )


PART = st.tuples(st.integers(0, 5), st.floats(-2, 2, width=32))
WORDS = st.dictionaries(st.text(max_size=3), st.lists(PART, max_size=5), min_size=1, max_size=6)


@given(WORDS, st.data())
def test_weighted_rows_equal_a_plain_loop(words, data):
    asked = data.draw(st.lists(st.sampled_from(sorted(words)), max_size=8))
    found = weighted_rows(words).vectors(asked)
    assert found.shape == (len(asked), 3)
    assert found.dtype == np.float32
    for vector, word in zip(found, asked, strict=True):
        np.testing.assert_allclose(vector, naive_vector(words[word]), rtol=1e-6, atol=1e-6)


def test_one_row_of_weight_one_is_a_plain_row():
    words = ["a", "b", "c", "d", "e", "f"]
    plain = Rows({word: i for i, word in enumerate(words)}, MATRIX)
    weighted = weighted_rows({word: [(i, 1.0)] for i, word in enumerate(words)})
    for asked in (["c"], ["f", "a", "f"], []):
        np.testing.assert_array_equal(weighted.vectors(asked), plain.vectors(asked))
    for lookup in (plain, weighted):
        assert "a" in lookup
        assert "g" not in lookup
        with pytest.raises(KeyError):
            lookup.vectors(["g"])


@pytest.fixture
def vectors():
    """Words a, b and c of the table; "ab", the mean of a and b, is known to the lookup alone."""
    lookup = weighted_rows(
        {"a": [(0, 1)], "b": [(1, 1)], "c": [(2, 1)], "ab": [(0, 0.5), (1, 0.5)]}
    )
    vectors = WordVectors(["a", "b", "c"], MATRIX[:3])
    vectors.lookup = lookup
    return vectors


def test_a_word_without_a_row_has_a_vector_and_neighbors(vectors):
    assert "ab" in vectors
    assert "ba" not in vectors
    np.testing.assert_allclose(vectors["ab"], (MATRIX[0] + MATRIX[1]) / 2, rtol=1e-6)
    assert vectors[["ab", "c"]].shape == (2, 3)
    assert vectors.neighbors("ab") == vectors.neighbors(vectors["ab"])
    assert {near.word for near in vectors.neighbors("ab")} == {"a", "b", "c"}
    assert {near.word for near in vectors.neighbors("a")} == {"b", "c"}
    assert vectors.neighbors_of(["ab"], 1, raw=True)[0][0].score == pytest.approx(
        float((MATRIX[:3] @ vectors["ab"]).max())
    )


@pytest.mark.parametrize("method", ["add", "mul"])
def test_a_word_without_a_row_takes_part_in_analogies(vectors, method):
    answers = vectors.analogy("ab", "a", "b", method=method)
    assert [near.word for near in answers] == ["c"]  # neither a nor b; ab is no candidate
    plain = WordVectors(["a", "b", "c", "ab"], np.vstack([MATRIX[:3], vectors["ab"]]))
    assert answers == [
        Neighbor("c", pytest.approx(near.score, rel=1e-5))
        for near in plain.analogy("ab", "a", "b", method=method)
    ]


def test_similarity_and_the_odd_one_use_the_lookup_too(vectors):
    unit = [vector / np.linalg.norm(vector) for vector in (vectors["ab"], MATRIX[2])]
    assert vectors.similarity("ab", "c") == pytest.approx(float(unit[0] @ unit[1]), rel=1e-5)
    assert {near.word for near in vectors.odd_one_out(["ab", "a", "c"])} == {"ab", "a", "c"}
    for ask in (vectors.neighbors, lambda word: vectors.similarity("ab", word)):
        with pytest.raises(UnknownWordError):
            ask("zz")
    with pytest.raises(UsageError):
        vectors.odd_one_out(["ab", "a"])
