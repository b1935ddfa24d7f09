"""The compiled loops of negative sampling over counts; `negative_sampling` has the formulas."""

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.compiled import compiled, inlined
from w2v_cli.engines.exact.elementary import FAST, exp_below_0

_FAST_DIVISION = FAST | {"arcp", "afn"}


@inlined
def _log_1_plus(e: float) -> float:
    """log(1 + e) for 0 ≤ e ≤ 1 in float32, to 2e-7: a polynomial through Chebyshev's points."""
    p = np.float32(-0.00837115291505052)
    p = p * e + np.float32(0.04349390044808388)
    p = p * e + np.float32(-0.1068500280380249)
    p = p * e + np.float32(0.1768747717142105)
    p = p * e + np.float32(-0.24474774301052094)
    p = p * e + np.float32(0.3327192962169647)
    p = p * e + np.float32(-0.49997174739837646)
    p = p * e + np.float32(0.9999997615814209)
    return p * e


@inlined
def _dense(score: Array, noise: Array, n: float, error: Array, below: Array) -> float:
    """Fill error, K·P·n·σ(s), and below, −log σ(−s); return Σ K·P · below. All arrays (T,)."""
    zero, one = np.float32(0.0), np.float32(1.0)
    total = zero
    for j in range(score.size):
        s = score[j]
        e = exp_below_0(-abs(s))
        above = one / (one + e)
        sigma = above if s >= zero else e * above
        loss = max(s, zero) + _log_1_plus(e)
        below[j] = loss
        total += noise[j] * loss
        error[j] = noise[j] * n * sigma
    return total


@compiled(nogil=True, fastmath=_FAST_DIVISION, error_model="numpy")
def score_errors(
    tile: Array,
    offset: Array,
    noise: Array,
    n_pairs: Array,
    row_start: Array,
    columns: Array,
    weights: Array,
    centers: Array,
    first: int,
) -> float:
    """Turn float32 u·v, (B, T), into ∂J/∂s; return J. See `negative_sampling.score_errors`.

    A row at a time, in the first-level cache: the dense term, then the entries of X.
    """
    width = tile.shape[1]
    score = np.empty(width, np.float32)
    below = np.empty(width, np.float32)
    total = 0.0
    for i in range(tile.shape[0]):
        row = tile[i]
        for j in range(width):
            score[j] = row[j] + offset[j]
        n = np.float32(n_pairs[i])
        total += n_pairs[i] * _dense(score, noise, n, row, below)
        entry, stop = row_start[centers[i]], row_start[centers[i] + 1]
        high = stop
        while entry < high:
            middle = (entry + high) // 2
            if columns[middle] < first:
                entry = middle + 1
            else:
                high = middle
        sparse = np.float32(0.0)
        while entry < stop and columns[entry] < first + width:
            j = columns[entry] - first
            x, k = weights[entry], noise[j]
            rest = x * (np.float32(1.0) - k)
            sparse += rest * below[j] - x * score[j]
            row[j] += row[j] * rest / (k * n) - x
            entry += 1
        total += sparse
    return total
