"""The parameters of skip-gram: one centre vector and one outside vector per word."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike

from w2v_cli.arrays import Array
from w2v_cli.text.ngrams import Subwords


@dataclass(frozen=True)
class SubwordVectors:
    """What centre vectors with subwords are made of.

    subwords: the n-grams that have a row. rows: a row for each word, then one for each n-gram,
    (V + R, D); a word's centre vector is the mean of its rows (`engines.subwords`).
    """

    subwords: Subwords
    rows: Array


@dataclass(frozen=True)
class Embeddings:
    """Two matrices of shape (V, D): rows `v_c` (centre) and rows `u_w` (outside).

    subwords: what the centre vectors are made of; None: a row is a word's centre vector itself.
    """

    center: Array
    outside: Array
    subwords: SubwordVectors | None = None

    @property
    def n_words(self) -> int:
        """V, the number of distinct words."""
        return int(self.center.shape[0])

    @property
    def dim(self) -> int:
        """D, the length of a vector."""
        return int(self.center.shape[1])


@dataclass(frozen=True)
class Frozen:
    """Which vectors a training may not move: bool (V,) for the centre and the outside vectors."""

    center: Array
    outside: Array


def initial_embeddings(
    n_words: int, dim: int, seed: int, dtype: DTypeLike = np.float32
) -> Embeddings:
    """Start as word2vec.c does: centre rows uniform in ±0.5/D, outside rows zero.

    Returns matrices of shape (n_words, dim). The draw depends on `seed` and the shape only.
    """
    generator = np.random.Generator(np.random.Philox(key=seed))
    center = (generator.random((n_words, dim), dtype=np.float32) - 0.5) / dim
    return Embeddings(center.astype(dtype), np.zeros((n_words, dim), dtype))
