"""Rotating one space of vectors onto another: orthogonal Procrustes.

Two trainings give spaces that are rotated against each other, so their vectors can be compared
only after a rotation. How far a word's direction then differs shows how far its meaning moved
(Hamilton, Leskovec & Jurafsky 2016, "Diachronic word embeddings reveal statistical laws of semantic
change").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from w2v_cli.arrays import Array
from w2v_cli.errors import DataError
from w2v_cli.vectors.nearest import unit_rows
from w2v_cli.vectors.word_vectors import WordVectors

#: Words that decide the rotation: the most frequent shared ones.
MOST_ALIGNED = 20_000


def same_width(first: Array, second: Array) -> tuple[Array, Array]:
    """Fill up the narrower of (n, D) and (m, E) with columns of zeros."""
    width = max(first.shape[1], second.shape[1])
    filled = [np.pad(rows, ((0, 0), (0, width - rows.shape[1]))) for rows in (first, second)]
    return filled[0], filled[1]


def find_rotation(first: Array, second: Array) -> tuple[Array, float]:
    """Find the rotation R (D, D), mirror images allowed, of orthogonal Procrustes, and a scale s.

    R makes `second @ R` as close to `first` as can be, in the sum of squares; both have shape
    (n, D), row for row the same words. s is the ratio of their norms; 1 if one of them is zero.
    """
    left, _, right = np.linalg.svd(second.T @ first)
    sizes = np.linalg.norm(first), np.linalg.norm(second)
    return left @ right, float(sizes[0] / sizes[1]) if min(sizes) > 0 else 1.0


@dataclass(frozen=True)
class Movement:
    """How far words moved from one space to another.

    n_shared: number of words that both know. words: those that were compared, the ones that moved
    most first. cosines: of their vectors after the alignment, rising.
    """

    n_shared: int
    words: list[str]
    cosines: NDArray[np.float64]

    @property
    def mean(self) -> float:
        """The mean cosine of the words that were compared."""
        return float(self.cosines.mean())


def find_movement(first: WordVectors, second: WordVectors, n_words: int) -> Movement:
    """Align two spaces by their shared words, all of length one, and compare word by word.

    n_words: how many of the most frequent shared words are compared. Rare words differ between any
    two trainings, because each saw little of them.

    Raises:
        DataError: fewer than two shared words.
    """
    shared = [word for word in first.words if word in second.ids]
    if len(shared) < 2:
        n = f"only the word {shared[0]!r}" if shared else "no word"
        raise DataError(
            f"the vectors have {n} in common; to compare them, they need two or more, spelled alike"
        )
    aligned = shared[: max(n_words, MOST_ALIGNED)]
    # Unit length: a change of meaning is a change of direction, and long vectors, those of frequent
    # words, would determine the rotation alone.
    rows = [unit_rows(vectors[aligned]).astype(np.float64) for vectors in (first, second)]
    a, b = same_width(*rows)
    rotation, _ = find_rotation(a[:MOST_ALIGNED], b[:MOST_ALIGNED])
    cosines = np.einsum("ij,ij->i", a[:n_words], b[:n_words] @ rotation)
    order = np.argsort(cosines, kind="stable")
    return Movement(len(shared), [aligned[i] for i in order], cosines[order])
