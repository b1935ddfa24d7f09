"""Spearman's rank correlation, shares of correct answers, and intervals of both and of differences.

All are 95 % intervals.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from w2v_cli.arrays import Array

FloatArray = NDArray[np.float64]

_LEVELS = ((1 - 0.95) / 2, (1 + 0.95) / 2)
#: Of a normal distribution, 95 % lie within so many standard deviations.
_Z = 1.959963984540054


def spearman(x: Array, y: Array) -> float:
    """Spearman's rho: Pearson's correlation of the ranks, correct with ties too.

    NaN when there are fewer than two pairs or all values of one side are equal.
    """
    return float(_rho(x, y)) if len(x) > 1 else float("nan")


def bootstrap_interval(
    x: Array,
    y: Array,
    generator: np.random.Generator,
    n_samples: int = 1000,
) -> tuple[float, float]:
    """Percentile bootstrap interval of Spearman's rho (Efron & Tibshirani 1993, ch. 13).

    Pairs are drawn with replacement `n_samples` times. (NaN, NaN) where no sample has a rho.
    """
    return _percentiles(_rho, (x, y), generator, n_samples)


def difference_interval(
    first: Array,
    second: Array,
    ratings: Array,
    generator: np.random.Generator,
) -> tuple[float, float]:
    """Percentile bootstrap interval of rho(second, ratings) − rho(first, ratings).

    Overlapping intervals do not show that two scores are equal: both runs find the same pairs hard.
    A difference over the same pairs removes that effect.
    """

    def difference(first: Array, second: Array, ratings: Array, axis: int = -1) -> FloatArray:
        return _rho(second, ratings, axis) - _rho(first, ratings, axis)

    return _percentiles(difference, (first, second, ratings), generator)


def _percentiles(
    statistic: Callable[..., FloatArray],
    samples: tuple[Array, ...],
    generator: np.random.Generator,
    n_samples: int = 1000,
) -> tuple[float, float]:
    from scipy.stats import bootstrap

    if len(samples[0]) < 2:
        return float("nan"), float("nan")
    with _no_warning_of_equal_values():
        drawn = bootstrap(
            samples,
            statistic,
            n_resamples=n_samples,
            paired=True,
            vectorized=True,
            method="percentile",
            rng=generator,
        ).bootstrap_distribution
    values = drawn[np.isfinite(drawn)]  # a sample of equal values has no rho
    if not len(values):
        return float("nan"), float("nan")
    low, high = np.quantile(values, _LEVELS)
    return float(low), float(high)


def _rho(x: Array, y: Array, axis: int = -1) -> FloatArray:
    """Spearman's rho along an axis; `scipy.stats.spearmanr` cannot do many samples at once."""
    from scipy.stats import pearsonr, rankdata

    with _no_warning_of_equal_values():
        rho: FloatArray = pearsonr(rankdata(x, axis=axis), rankdata(y, axis=axis), axis=axis)[0]
    return rho


@contextmanager
def _no_warning_of_equal_values() -> Iterator[None]:
    """Where all values are equal rho is NaN, which says enough."""
    from scipy.stats import DegenerateDataWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DegenerateDataWarning)
        yield


# Shares of correct answers.
#
# Both intervals treat answers as independent draws. Questions of one section share words, so the
# true uncertainty is larger.


def wilson_interval(n_correct: int, n: int) -> tuple[float, float]:
    """Return the 95 % score interval of a share (Wilson 1927); NaN for n = 0.

    Unlike share ± 1.96 standard errors it stays within 0 and 1, and is not empty at either end.
    """
    if not n:
        return math.nan, math.nan
    share, z2 = n_correct / n, _Z * _Z
    center = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    # At either end the formula gives 0 and 1 but for rounding.
    low = center - half if n_correct else 0.0
    return low, center + half if n_correct < n else 1.0


def paired_interval(n_first: int, n_second: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of share two minus share one, of answers to the same n questions.

    n_first, n_second: questions that only the first, only the second answered correctly; those
    that both or neither did say nothing about the difference. Half a question is added to each of
    the four cases (Agresti & Min 2005, "Simple improved confidence intervals for comparing matched
    proportions"). NaN for n = 0.
    """
    if not n:
        return math.nan, math.nan
    first, second, total = n_first + 0.5, n_second + 0.5, n + 2
    difference = second - first
    error = _Z * math.sqrt(first + second - difference**2 / total)
    return max(-1.0, (difference - error) / total), min(1.0, (difference + error) / total)
