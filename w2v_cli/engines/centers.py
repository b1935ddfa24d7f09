"""How rows of words and n-grams become centre vectors: V = S Z, and back.

Z holds a row for each word, then one for each n-gram, (V + R, D). Line c of the sparse matrix S has
1/n at each of the n rows of word c (its own row first), so v_c is their mean. A row that a word has
twice counts twice. Gradients go back by ∂J/∂Z = Sᵀ ∂J/∂V (`equations.subwords`).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import DTypeLike

from w2v_cli.arrays import Array
from w2v_cli.engines.base import Embeddings, SubwordVectors, initial_embeddings
from w2v_cli.engines.settings import ModelSettings
from w2v_cli.errors import RunError
from w2v_cli.memory import ask_for
from w2v_cli.text.ngrams import NO_ROW, Subwords, explicit, hashed, rows_in
from w2v_cli.text.settings import parse_lengths

if TYPE_CHECKING:
    from scipy.sparse import csr_array

#: Steps of conjugate gradients in `_rows_for`; the words' own rows then take the remainder.
_STEPS = 50
#: Words whose n-grams' rows are added up at a time.
_BLOCK_WORDS = 1024


class Centers(Protocol):
    """How rows of an engine's centre matrix make the centre vectors of words."""

    def start_vectors(self, dim: int, seed: int, dtype: DTypeLike = np.float32) -> dict[str, Array]:
        """Return the matrices a training starts with: center, (n_rows, dim), outside, (V, dim)."""
        ...

    def of(self, center: Array, words: Array) -> Array:
        """Return the centre vectors of words, (B, D); center: (n_rows, D), words: ids, (B,)."""
        ...

    def back(self, words: Array, gradient: Array) -> tuple[Array, Array]:
        """Return distinct rows and their gradients from distinct words and theirs, (B, D)."""
        ...

    def embeddings(self, center: Array, outside: Array) -> Embeddings:
        """Return the vectors of all words; may be views of the matrices."""
        ...

    def rows_of(self, embeddings: Embeddings) -> Array:
        """Return a centre matrix, (n_rows, D), that makes these vectors."""
        ...


class PlainCenters:
    """One row per word: the centre matrix is the centre vectors."""

    def __init__(self, n_words: int) -> None:
        self.n_words = self.n_rows = n_words

    def start_vectors(self, dim: int, seed: int, dtype: DTypeLike = np.float32) -> dict[str, Array]:
        """See `Centers.start_vectors`."""
        start = initial_embeddings(self.n_words, dim, seed, dtype)
        return {"center": start.center, "outside": start.outside}

    def of(self, center: Array, words: Array) -> Array:
        """See `Centers.of`."""
        return np.asarray(center[words])

    def back(self, words: Array, gradient: Array) -> tuple[Array, Array]:
        """See `Centers.back`."""
        return words, gradient

    def embeddings(self, center: Array, outside: Array) -> Embeddings:
        """See `Centers.embeddings`."""
        return Embeddings(center, outside)

    def rows_of(self, embeddings: Embeddings) -> Array:
        """See `Centers.rows_of`."""
        return embeddings.center


def centers_of(model: ModelSettings, words: Sequence[str]) -> "PlainCenters | SubwordCenters":
    """Return how a training makes its centre vectors. Raises DataError, see `subwords_of`."""
    subwords = subwords_of(model, words)
    return PlainCenters(len(words)) if subwords is None else SubwordCenters(subwords, words)


def subwords_of(model: ModelSettings, words: Sequence[str]) -> Subwords | None:
    """Find the n-grams of a vocabulary; None: the model has no subwords.

    Raises DataError when no words share an n-gram.
    """
    if model.subwords is None:
        return None
    lengths = parse_lengths(model.subwords)
    if model.buckets is None:
        return explicit(words, lengths)
    return hashed(words, lengths, model.buckets)


class SubwordCenters:
    """Centre vectors that are means: V = S Z.

    start, rows: word i has `rows[start[i] : start[i + 1]]`, its own first; int64 (V + 1,), (n,).
    """

    def __init__(self, subwords: Subwords, words: Sequence[str]) -> None:
        self.subwords = subwords
        n_words, own = len(words), np.arange(len(words))
        start, rows = subwords.rows(words)
        self.start = np.append(start[:-1] + own, start[-1] + n_words)
        self.rows = np.insert(rows + n_words, start[:-1], own)
        self.n_words, self.n_rows = n_words, n_words + len(subwords)
        sizes = np.diff(self.start)
        weights = np.repeat(1 / sizes, sizes)
        shape = n_words, self.n_rows
        self._S = _sparse(weights, self.rows, self.start, shape)

    def start_vectors(self, dim: int, seed: int, dtype: DTypeLike = np.float32) -> dict[str, Array]:
        """See `Centers.start_vectors`. Raises RunError when there is no memory for them."""
        ask_for(
            (self.n_rows + self.n_words) * dim * np.dtype(dtype).itemsize,
            f"{self.n_words:,} words and {len(self.subwords):,} n-grams with {dim:,} dimensions",
            "lower --dim, --max-vocab or --buckets, or raise --min-count",
            RunError,
        )
        center = initial_embeddings(self.n_rows, dim, seed, dtype).center
        return {"center": center, "outside": np.zeros((self.n_words, dim), dtype)}

    def of(self, center: Array, words: Array) -> Array:
        """See `Centers.of`."""
        return np.asarray(self._lines(words, center.dtype) @ center)

    def of_mapped(self, center: Array, words: Array) -> Array:
        """Return the same as `of`, but copy only the rows of these words."""
        lines = self._lines(words, center.dtype)
        rows, places = np.unique(lines.indices, return_inverse=True)
        shape = len(words), len(rows)
        return np.asarray(_sparse(lines.data, places, lines.indptr, shape) @ center[rows])

    def back(self, words: Array, gradient: Array) -> tuple[Array, Array]:
        """See `Centers.back`: Sᵀ times the gradient, where that is not zero."""
        lines = self._lines(words, gradient.dtype)
        rows, places = np.unique(lines.indices, return_inverse=True)
        shape = len(words), len(rows)
        compact = _sparse(lines.data, places, lines.indptr, shape)
        return rows, np.asarray(compact.T @ gradient)

    def embeddings(self, center: Array, outside: Array) -> Embeddings:
        """See `Centers.embeddings`."""
        vectors = self._S.astype(center.dtype) @ center
        return Embeddings(vectors, outside, SubwordVectors(self.subwords, center))

    def rows_of(self, embeddings: Embeddings) -> Array:
        """See `Centers.rows_of`: the known rows, or the shortest ones that make the vectors."""
        if embeddings.subwords is not None:
            return embeddings.subwords.rows
        return _rows_for(self._S, embeddings.center)

    def _lines(self, words: Array, dtype: DTypeLike) -> "csr_array":
        return self._S[words].astype(dtype)


def with_ngrams_of(
    parts: SubwordVectors, n_words: int, other: SubwordVectors, n_other: int
) -> SubwordVectors | None:
    """Copy the rows of n-grams that `other` has too; None: its n-grams are of another kind.

    n_words, n_other: the number of words whose rows come before those of the n-grams.
    """
    row = rows_in(parts.subwords, other.subwords)
    if row is None:
        return None
    rows = np.array(parts.rows)
    known = row != NO_ROW
    rows[n_words:][known] = other.rows[n_other + row[known]]
    return SubwordVectors(parts.subwords, rows)


def own_rows(parts: SubwordVectors, n_words: int, words: Sequence[str], center: Array) -> Array:
    """Return own rows of further words, which give them the centre vectors `center`, (n, D).

    n_words: the number of words with a row in `parts`. The rows of n-grams stay unchanged.
    """
    start, rows = parts.subwords.rows(words)
    sizes = np.diff(start)
    sums = np.zeros((len(words), center.shape[1]))
    for first in range(0, len(words), _BLOCK_WORDS):
        block = start[first : first + _BLOCK_WORDS + 1]
        known = rows[block[0] : block[-1]]
        filled = np.flatnonzero(np.diff(block))
        if len(filled):
            vectors = parts.rows[n_words + np.maximum(known, 0)].astype(np.float64)
            vectors[known == NO_ROW] = 0
            sums[first + filled] = np.add.reduceat(vectors, block[filled] - block[0])
    return np.asarray((sizes + 1)[:, None] * center - sums, dtype=parts.rows.dtype)


def _sparse(weights: Array, columns: Array, start: Array, shape: tuple[int, int]) -> "csr_array":
    """Make a sparse matrix by rows. Only trainings with subwords import scipy."""
    from scipy.sparse import csr_array

    return csr_array((weights, columns, start), shape=shape)


def _rows_for(S: "csr_array", center: Array) -> Array:
    """Find Z with S Z = `center`, (V, D): nearly the one with the shortest rows, Sᵀ(S Sᵀ)⁻¹ V.

    There are many. The shortest rows put into n-grams what their words have in common. Conjugate
    gradients solve for all columns at once. Then each word's own row takes the remainder, so the
    vectors are exact.
    """
    V = center.astype(np.float64)
    weights = S.astype(np.float64)
    X = np.zeros_like(V)
    left = V.copy()
    direction = left.copy()
    square = (left**2).sum(axis=0)
    for _ in range(_STEPS):
        image = weights @ (weights.T @ direction)
        curvature = (direction * image).sum(axis=0)
        step = np.divide(square, curvature, out=np.zeros_like(square), where=curvature > 0)
        X += step * direction
        left -= step * image
        new = (left**2).sum(axis=0)
        direction = (
            left + np.divide(new, square, out=np.zeros_like(new), where=square > 0) * direction
        )
        square = new
    Z = weights.T @ X
    own = weights.diagonal()
    Z[: len(V)] += (V - weights @ Z) / own[:, None]
    return np.asarray(Z)
