"""One vector per text: the mean of its words' vectors, plain or weighted.

SIF (smooth inverse frequency; Arora, Liang & Ma 2017, "A simple but tough-to-beat baseline for
sentence embeddings") weighs a word by a / (a + p(w)) with a = 0.001, p(w) its share of the corpus,
and then removes from each vector its part along the common component: the first right singular
vector of the matrix of all texts' vectors. What is common depends on the texts, so vectors are
comparable only within the texts that were embedded together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from w2v_cli.errors import DataError
from w2v_cli.vectors.choices import Weights, check_choice
from w2v_cli.vectors.table import VectorTable
from w2v_cli.vectors.word_vectors import WordVectors

Tokenize = Callable[[str], list[str]]

SIF_A = 1e-3
_BATCH_TEXTS = 4096


class SentenceVectors:
    """Turns texts into vectors, some thousand at a time.

    n_texts, n_empty: how many there were so far, and how many of them had no known word; the
    vector of such a text is zero.
    """

    def __init__(self, vectors: WordVectors, tokenize: Tokenize, weights: Weights = "mean") -> None:
        """Raises UsageError for another kind of weights, DataError for SIF without counts."""
        check_choice("weights", weights, get_args(Weights))
        self._vectors, self._tokenize = vectors, tokenize
        self._weights = sif_weights(vectors) if weights == "sif" else None
        self.n_texts = self.n_empty = 0

    def batches(self, texts: Iterable[str]) -> Iterator[NDArray[np.float32]]:
        """Yield the vectors (n, D) of the texts in order, the common component not removed."""
        remaining = iter(texts)
        while batch := list(islice(remaining, _BATCH_TEXTS)):
            yield self._embed(batch)

    def _embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        from scipy.sparse import csr_array

        known = self._vectors.lookup
        tokens = [[word for word in self._tokenize(text) if word in known] for text in texts]
        places: dict[str, int] = {}
        columns = [places.setdefault(word, len(places)) for words in tokens for word in words]
        ends = np.cumsum([0, *map(len, tokens)])
        self.n_texts += len(texts)
        self.n_empty += int((np.diff(ends) == 0).sum())
        if not places:
            return np.zeros((len(texts), self._vectors.dim), np.float32)
        words = list(places)
        rows = known.vectors(words).astype(np.float64)
        if self._weights is not None:
            rows *= self._weights_of(words)[:, None]
        shares = 1.0 / np.maximum(1, np.diff(ends))
        values = np.repeat(shares, np.diff(ends))
        sums = csr_array((values, columns, ends), shape=(len(texts), len(words))) @ rows
        return np.asarray(sums, dtype=np.float32)

    def _weights_of(self, words: Sequence[str]) -> NDArray[np.float64]:
        """Return the weights of words, (n,); one that the table lacks was never counted: 1."""
        assert self._weights is not None
        ids = self._vectors.ids
        return np.array([self._weights[ids[w]] if w in ids else 1.0 for w in words])


def sif_weights(table: VectorTable) -> NDArray[np.float64]:
    """Return a / (a + p(w)) of each word, (V,).

    Raises:
        DataError: the counts of the words are unknown.
    """
    if table.counts is None or not table.counts.sum():
        raise DataError(
            "these vectors have no counts, which SIF needs; use the run they are of, or its"
            " .npz or .safetensors export, or --weights mean"
        )
    share = table.counts / table.counts.sum()
    return np.asarray(SIF_A / (SIF_A + share))


class CommonComponent:
    """The first right singular vector of a matrix of which only some rows are seen at a time."""

    def __init__(self, dim: int) -> None:
        self._products = np.zeros((dim, dim))

    def add(self, rows: NDArray[np.float32]) -> None:
        """Take rows (n, D) into account: Σ x xᵀ."""
        exact = rows.astype(np.float64)
        self._products += exact.T @ exact

    def direction(self) -> NDArray[np.float64]:
        """Return it, (D,), of length one."""
        direction: NDArray[np.float64] = np.linalg.eigh(self._products)[1][:, -1]
        return direction

    @staticmethod
    def removed(rows: NDArray[np.float32], direction: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return rows (n, D) without their part along it."""
        rest = rows - np.outer(rows @ direction, direction)
        return rest.astype(np.float32)


def embed(
    vectors: WordVectors, texts: Iterable[str], tokenize: Tokenize, weights: Weights = "mean"
) -> NDArray[np.float32]:
    """Return the vectors of all texts, (n, D); see `SentenceVectors`."""
    sentences = SentenceVectors(vectors, tokenize, weights)
    empty = np.zeros((0, vectors.dim), np.float32)
    rows = np.concatenate([empty, *sentences.batches(texts)])
    if weights == "mean" or not len(rows):
        return rows
    common = CommonComponent(vectors.dim)
    common.add(rows)
    return common.removed(rows, common.direction())
