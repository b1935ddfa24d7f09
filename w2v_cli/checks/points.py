"""Random points at which claims are checked: small, unsaturated, of several shapes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from w2v_cli.equations import Array

SHAPES = ((7, 4), (5, 5), (4, 6), (9, 3), (6, 5))
"""(n_words, dim) of the points of one seed. One is square: there U and Uᵀ fit alike, so a
formula for columns applied to rows gives wrong numbers instead of an error."""


@dataclass(frozen=True)
class Point:
    """One set of parameters with a pair, its negatives and a small document.

    V, U: centre and outside vectors by rows. c: the centre word, always 0. o: the outside
    word. negatives: draws, one word at least three times, never ``o``. words: word ids of a
    document in which ``words[t] == c``; c occurs a second time.
    """

    name: str
    V: Array
    U: Array
    c: int
    o: int
    negatives: NDArray[np.int64]
    words: NDArray[np.int64]
    t: int
    radius: int
    rng: np.random.Generator

    @property
    def v_c(self) -> Array:
        """Vector of the centre word."""
        return np.asarray(self.V[self.c])

    @property
    def scores(self) -> Array:
        """``U v_c``."""
        return self.U @ self.v_c


def draw_points(seeds: Sequence[int]) -> Iterator[Point]:
    """Points of every shape for every seed. The same seeds give the same points."""
    for seed in seeds:
        for index, (n_words, dim) in enumerate(SHAPES):
            rng = np.random.Generator(np.random.Philox(key=[seed, index]))
            name = f"seed {seed}, {n_words}×{dim}"
            yield _draw(name, n_words, dim, radius=1 + index % 3, rng=rng)


def _draw(name: str, n_words: int, dim: int, radius: int, rng: np.random.Generator) -> Point:
    # Scores have a standard deviation near 1: no probability is close to 0 or 1, so that no
    # term of a gradient hides behind a vanishing factor.
    V = rng.uniform(0.5, 1.5, (n_words, dim)) * rng.choice([-1.0, 1.0], (n_words, dim))
    U = rng.uniform(0.5, 1.5, (n_words, dim)) * rng.choice([-1.0, 1.0], (n_words, dim))
    U /= np.sqrt(dim)
    o = int(rng.integers(1, n_words))
    others = np.array([w for w in range(n_words) if w != o])
    repeated = rng.choice(others)
    drawn = rng.choice(others, size=4)
    negatives = rng.permutation(np.concatenate((drawn, [repeated] * 3)))
    words = rng.integers(1, n_words, size=7)
    t = int(rng.integers(0, len(words)))
    words[t] = 0
    words[t - 1 if t > 0 else t + 1] = 0  # the centre word again, next to itself
    return Point(name, V, U, 0, o, negatives, words, t, radius, rng)
