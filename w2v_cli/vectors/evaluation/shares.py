"""Shares of correct answers: how sure they are, and how sure a difference of two is.

Both take answers for independent draws. Questions of one section share their words, so the true
uncertainty is larger.
"""

from __future__ import annotations

import math

#: Of a normal distribution, 95 % lie within so many standard deviations.
_Z = 1.959963984540054


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
    that both or neither did say nothing of the difference. Half a question is added to each of the
    four cases (Agresti & Min 2005, "Simple improved confidence intervals for comparing matched
    proportions"). NaN for n = 0.
    """
    if not n:
        return math.nan, math.nan
    first, second, total = n_first + 0.5, n_second + 0.5, n + 2
    difference = second - first
    error = _Z * math.sqrt(first + second - difference**2 / total)
    return max(-1.0, (difference - error) / total), min(1.0, (difference + error) / total)
