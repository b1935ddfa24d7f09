"""Do cosines rank word pairs as people do? Spearman's rank correlation, with an interval."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def pair_scores(
    matrix: NDArray[np.float32], left: NDArray[np.int64], right: NDArray[np.int64]
) -> FloatArray:
    """Dot products of the rows `left[i]` and `right[i]`, float64 (P,)."""
    return np.asarray(
        np.einsum("ij,ij->i", matrix[left], matrix[right], dtype=np.float64), dtype=np.float64
    )


def ranks(values: NDArray[Any]) -> FloatArray:
    """Ranks from 1, equal values sharing the mean of their places (as Spearman asks)."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[inverse], dtype=np.float64)


def spearman(x: NDArray[Any], y: NDArray[Any]) -> float:
    """Spearman's rho: Pearson's correlation of the ranks, which is right with ties too.

    NaN when there are fewer than two pairs or all values of one side are equal.
    """
    if len(x) < 2:
        return float("nan")
    a, b = ranks(x), ranks(y)
    a -= a.mean()
    b -= b.mean()
    spread = np.sqrt((a @ a) * (b @ b))
    return float(a @ b / spread) if spread > 0 else float("nan")


def bootstrap_interval(
    x: NDArray[Any],
    y: NDArray[Any],
    generator: np.random.Generator,
    n_samples: int = 1000,
    level: float = 0.95,
) -> tuple[float, float]:
    """Percentile bootstrap interval of Spearman's rho (Efron & Tibshirani 1993, ch. 13).

    Pairs are drawn with replacement `n_samples` times. (NaN, NaN) where no sample has a rho.
    """
    if not len(x):
        return float("nan"), float("nan")
    samples = generator.integers(len(x), size=(n_samples, len(x)))
    rhos = np.array([spearman(x[sample], y[sample]) for sample in samples])
    rhos = rhos[np.isfinite(rhos)]
    if not len(rhos):
        return float("nan"), float("nan")
    low, high = np.quantile(rhos, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
