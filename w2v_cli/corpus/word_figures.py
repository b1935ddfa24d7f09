"""Figures of a vocabulary: how much of a text some words cover, and how close it is to Zipf's law.

Pure functions of the counts of distinct words, falling, and of the words of the whole text.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_MIN_COUNTS = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000)
_SIZES = tuple(n * 10**power for power in range(2, 8) for n in (1, 2, 5))
#: Ranks that the line of Zipf's law is fitted to, evenly spaced on its scale.
_FITTED_RANKS = 200


@dataclass(frozen=True)
class Coverage:
    """The words with `min_count` or more occurrences: how many, and their share of the text."""

    min_count: int
    n_words: int
    share: float


@dataclass(frozen=True)
class Zipf:
    """The line count = constant / rank^exponent that fits best, on logarithmic scales.

    r_squared: the share of the variance that it explains; 1 is a line.
    """

    exponent: float
    constant: float
    r_squared: float

    def counts(self, ranks: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the count that the law expects at some ranks, from 1."""
        return np.asarray(self.constant / ranks**self.exponent)


def coverage_by_min_count(counts: NDArray[np.int64], n_tokens: int) -> list[Coverage]:
    """Return what several least counts leave of a vocabulary."""
    least, most = int(counts[-1]), int(counts[0])
    sizes = {n: int(np.searchsorted(-counts, -n, side="right")) for n in _MIN_COUNTS}
    wanted = {least, *(n for n in _MIN_COUNTS if least <= n <= most)}
    sizes[least] = len(counts)
    return [_coverage(counts, n_tokens, n, sizes[n]) for n in sorted(wanted)]


def coverage_by_size(counts: NDArray[np.int64], n_tokens: int) -> list[Coverage]:
    """Return what vocabularies of several sizes cover, the most frequent words first."""
    sizes = [n for n in _SIZES if n < len(counts)] + [len(counts)]
    return [_coverage(counts, n_tokens, int(counts[n - 1]), n) for n in sizes]


def _coverage(counts: NDArray[np.int64], n_tokens: int, min_count: int, n: int) -> Coverage:
    return Coverage(min_count, n, float(counts[:n].sum() / n_tokens))


def fit_zipf(counts: NDArray[np.int64]) -> Zipf:
    """Fit Zipf's law by least squares, at ranks that are evenly spaced on a logarithmic scale.

    So the many rare words weigh no more than the few frequent ones.
    """
    ranks = np.unique(np.geomspace(1, len(counts), _FITTED_RANKS).round().astype(np.int64))
    x, y = np.log(ranks), np.log(counts[ranks - 1])
    slope, start = np.polyfit(x, y, 1)
    left = float(((y - start - slope * x) ** 2).sum())
    variance = float(((y - y.mean()) ** 2).sum())
    return Zipf(float(-slope), float(np.exp(start)), 1 - left / variance if variance else 1.0)
