"""Vectors of texts against a slow twin in plain loops."""

import numpy as np
import pytest

from w2v_cli.errors import DataError, UsageError
from w2v_cli.vectors import word_vectors
from w2v_cli.vectors.word_vectors import SentenceVectors, WordVectors, embed

WORDS = ["the", "tea", "king", "rain"]
MATRIX = np.random.default_rng(1).normal(size=(4, 3)).astype(np.float32)
VECTORS = WordVectors(WORDS, MATRIX, np.array([900, 60, 30, 10]))
TEXTS = ["the tea the king", "", "no such", "rain rain tea no", "king"]


def twin(texts, weights):
    """As in the paper, text by text, word by word."""
    rows = []
    for text in texts:
        total, n = np.zeros(3), 0
        for word in text.split():
            if word in WORDS:
                i = WORDS.index(word)
                p = VECTORS.counts[i] / 1000
                total += MATRIX[i] * (1e-3 / (1e-3 + p) if weights == "sif" else 1)
                n += 1
        rows.append(total / max(1, n))
    rows = np.array(rows)
    if weights == "sif":
        common = np.linalg.svd(rows)[2][0]
        rows -= np.outer(rows @ common, common)
    return rows


@pytest.mark.parametrize("weights", ["mean", "sif"])
@pytest.mark.parametrize("batch", [1, 2, 100])
def test_vectors_are_those_of_the_twin_however_texts_are_cut(monkeypatch, weights, batch):
    monkeypatch.setattr(word_vectors, "_BATCH_TEXTS", batch)
    found = embed(VECTORS, TEXTS, str.split, weights)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, twin(TEXTS, weights), atol=1e-6)


def test_texts_without_a_known_word_are_zero_and_counted():
    each = SentenceVectors(VECTORS, str.split)
    (rows,) = each.batches(TEXTS)
    assert (each.n_texts, each.n_empty) == (5, 2)
    assert not rows[1:3].any()


def test_vectors_embed_texts_by_themselves():
    found = VECTORS.embed(["The tea, the KING!"])
    np.testing.assert_allclose(found, embed(VECTORS, ["the tea the king"], str.split))
    assert (VECTORS.embed(["rain tea"], "sif", str.split) == 0).sum() == 0


def test_no_texts_have_no_vectors():
    assert embed(VECTORS, [], str.split, "sif").shape == (0, 3)


def test_sif_needs_counts_and_weights_have_names():
    with pytest.raises(DataError, match="no counts, which SIF needs"):
        embed(WordVectors(WORDS, MATRIX), TEXTS, str.split, "sif")
    with pytest.raises(UsageError, match="choose from: mean, sif"):
        embed(VECTORS, TEXTS, str.split, "tfidf")
