"""The compiled loops of the exact engine: from a tile of scores to ∂J/∂s, and the optimizers.

A tile holds the scores of B centre words against T outside words, (B, T), float32; it stays in the
second-level cache from its product to its last use here (`tiles.py`). The sections:

1. the exponential, and what the losses share;
2. naive softmax: `exponentials` of each tile, `combine` tiles to rows, `subtract_counts`;
3. negative sampling in expectation: `score_errors`, all in one pass;
4. the optimizers: a gradient becomes a step.

The pair counts X come as row_start, columns and weights, as in `pairs.matrix.PairCounts`, but not
as that tuple: after a change to its definition numba would not compile these functions again.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from llvmlite import ir
from numba import config as numba_config
from numba import types
from numba.extending import intrinsic

from w2v_cli.arrays import Array
from w2v_cli.compiled import compiled, inlined

#: Sums may be reordered and multiply-adds fused; NaN and infinity keep their meaning.
FAST = {"reassoc", "nsz", "contract"}
#: The same; quotients and roots may also be estimated and refined instead of computed.
FAST_DIVISION = FAST | {"arcp", "afn"}


# ------------------------------------------------------- the exponential, and what the losses share


@intrinsic
def float_of_bits(typing_context: object, bits: types.Type) -> Any:
    """The float32 that has the bits of an int32."""

    def generate(
        context: object, builder: ir.IRBuilder, signature: object, args: Sequence[ir.Value]
    ) -> Any:
        return builder.bitcast(args[0], ir.FloatType())

    return types.float32(types.int32), generate


@intrinsic
def bits_of_float(typing_context: object, value: types.Type) -> Any:
    """The bits of a float32 as an int32."""

    def generate(
        context: object, builder: ir.IRBuilder, signature: object, args: Sequence[ir.Value]
    ) -> Any:
        return builder.bitcast(args[0], ir.IntType(32))

    return types.int32(types.float32), generate


if numba_config.DISABLE_JIT:  # the same on NumPy's scalars

    def float_of_bits(bits):
        """The float32 that has the bits of an int32."""
        return np.int32(bits).view(np.float32)

    def bits_of_float(value):
        """The bits of a float32 as an int32."""
        return np.float32(value).view(np.int32)


@inlined
def exp_below_0(x: float) -> float:
    """exp(x) for float32 x ≤ 0, to 1.2e-7; 1.6e-38 below −87; NaN stays NaN.

    x = n log 2 + r: 2ⁿ is written into the exponent, exp(r) is Cephes' polynomial (expf).
    """
    x = np.float32(-87.0) if x < np.float32(-87.0) else x
    n = np.floor(x * np.float32(1.44269504) + np.float32(0.5))
    r = x - n * np.float32(0.693359375)
    r = r + n * np.float32(2.12194440e-4)
    p = np.float32(1.9875691500e-4)
    p = p * r + np.float32(1.3981999507e-3)
    p = p * r + np.float32(8.3334519073e-3)
    p = p * r + np.float32(4.1665795894e-2)
    p = p * r + np.float32(1.6666665459e-1)
    p = p * r + np.float32(5.0000001201e-1)
    p = p * (r * r) + r + np.float32(1.0)
    return p * float_of_bits((np.int32(n) + np.int32(127)) << np.int32(23))


@inlined
def _first_entry(row_start: Array, columns: Array, center: int, first: int) -> int:
    """Return the first entry of a row of X whose column is `first` or later, by bisection."""
    entry, high = row_start[center], row_start[center + 1]
    while entry < high:
        middle = (entry + high) // 2
        if columns[middle] < first:
            entry = middle + 1
        else:
            high = middle
    return entry


# ------------------------------------------------------------------------------------ naive softmax
#
# `equations.naive_softmax` has δ = ŷ − y for one pair; that is n ŷ − X over all n pairs of a
# centre. A row of a tile is first turned into e = exp(s − m) with m the row's largest score *in
# this tile*. When all tiles of a row are known,
#
#     ŷ = f e / Z,   f = exp(m − M),   M = max over tiles m,   Z = Σ over tiles f Σ e,
#
# and the gradient of the scores, n ŷ − X, is written as
#
#     (n f / Z) · (e − X Z / (n f)) = factor · tile,
#
# so that the tile changes only where X has an entry, and the factor is applied to the smaller
# matrices. The loss, J = n log Σ exp(s) − Σ X s, needs no pass over X of its own: with
# s = u·v (+ prior), Σ_w (n ŷ_w − X_w) u_w·v = v · ∂J/∂v, hence Σ X u·v = n Σ ŷ u·v − v · ∂J/∂v.
# (Reading X a second time took a tenth of the epoch.)


#: Where f is smaller, a tile's row is multiplied by f itself: 1 / f would overflow float32.
_SMALLEST_SHARE = 1e-20


@inlined
def _add_and_find_largest(row: Array, prior: Array) -> float:
    """row += prior; return the largest.

    It compares bits as whole numbers: unlike floats, these can be compared many at a time. With the
    lower 31 bits of negative floats inverted, both have the same order (a NaN is first or last).
    """
    largest = np.int32(-(2**31))
    for j in range(row.size):
        value = row[j] + prior[j]
        row[j] = value
        bits = bits_of_float(value)
        largest = max(largest, bits ^ ((bits >> np.int32(31)) & np.int32(0x7FFFFFFF)))
    largest ^= (largest >> np.int32(31)) & np.int32(0x7FFFFFFF)
    return float_of_bits(np.int32(largest))


@compiled(nogil=True, fastmath=FAST, error_model="numpy")
def exponentials(
    scores: Array, prior: Array, largest: Array, sums: Array, score_sums: Array
) -> None:
    """Turn float32 scores u·v, (B, T), into e = exp(u·v + prior − m).

    Filled, (B,): largest, m; sums, Σ e; score_sums, Σ e · (u·v).
    """
    for i in range(scores.shape[0]):
        row = scores[i]
        m = _add_and_find_largest(row, prior)  # the row is now s = u·v + prior
        total = np.float32(0.0)
        score_total = np.float32(0.0)
        for j in range(row.size):
            score = row[j]
            e = exp_below_0(score - m)
            row[j] = e
            total += e  # Σ e, a tile's part of Z
            score_total += e * (score - prior[j])  # Σ e (u·v), its part of Z Σ ŷ u·v
        largest[i] = m
        sums[i] = total
        score_sums[i] = score_total


@compiled(nogil=True, error_model="numpy")
def combine(
    largest: Array,
    sums: Array,
    score_sums: Array,
    n_pairs: Array,
    share: Array,
    factor: Array,
    ratio: Array,
) -> float:
    """From tiles to rows: return Σ_c n (log Σ exp(s) − Σ ŷ u·v), float64.

    largest, sums, score_sums: (n_tiles, B), of `exponentials`. n_pairs: n, (B,), above 0.
    Filled, (n_tiles, B): share, what `subtract_counts` multiplies by; factor, n f / Z; ratio, its
    inverse.
    """
    n_tiles, n_rows = largest.shape
    loss = 0.0
    for i in range(n_rows):
        # M, the largest score of the row, as in `primitives.log_softmax`
        top = largest[0, i]
        for t in range(1, n_tiles):
            top = max(top, largest[t, i])
        # Z = Σ f Σ e, and Z Σ ŷ u·v
        z = 0.0
        mean_score = 0.0
        for t in range(n_tiles):
            f = math.exp(np.float64(largest[t, i]) - np.float64(top))
            z += f * sums[t, i]
            mean_score += f * score_sums[t, i]
        loss += n_pairs[i] * (top + math.log(z) - mean_score / z)
        # factor = n f / Z, ratio = Z / (n f); where 1 / f would overflow, f goes into the tile
        for t in range(n_tiles):
            f = math.exp(np.float64(largest[t, i]) - np.float64(top))
            share[t, i] = 1.0
            if f < _SMALLEST_SHARE:
                share[t, i] = f
                f = 1.0
            factor[t, i] = n_pairs[i] * f / z
            ratio[t, i] = z / (n_pairs[i] * f)
    return loss


@compiled(nogil=True, error_model="numpy")
def subtract_counts(
    tile: Array,
    row_start: Array,
    columns: Array,
    weights: Array,
    centers: Array,
    first: int,
    share: Array,
    ratio: Array,
) -> None:
    """Tile e → share · e − X · ratio: times `factor` the gradient of the scores, n ŷ − X.

    The tile's columns are the words from `first` on; its rows are the words `centers`.
    """
    last = first + tile.shape[1]
    for i in range(tile.shape[0]):
        row = tile[i]
        if share[i] != 1.0:
            for j in range(row.size):
                row[j] *= share[i]
        # y, where a pair was seen
        entry = _first_entry(row_start, columns, centers[i], first)
        stop = row_start[centers[i] + 1]
        while entry < stop and columns[entry] < last:
            row[columns[entry] - first] -= weights[entry] * ratio[i]
            entry += 1


# ----------------------------------------------------------------- negative sampling in expectation
#
# `equations.negative_sampling_counted`, with the terms of X taken together:
#
#     G = ∂J/∂s = K·P n σ(s) − X (1 − (1 − K·P) σ(s)),    J = Σ K·P n L + X ((1 − K·P) L − s),
#
# where L = −log σ(−s) = log(1 + exp s). The first term of each is dense; the second is there only
# where X has an entry. With e = exp(−|s|), which cannot overflow, σ(s) = 1 / (1 + e) for s ≥ 0,
# else e / (1 + e), and L = max(s, 0) + log(1 + e).


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


@compiled(nogil=True, fastmath=FAST_DIVISION, error_model="numpy")
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
    """Turn float32 u·v, (B, T), into ∂J/∂s; return J. See `tiles.score_errors`.

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
        entry = _first_entry(row_start, columns, centers[i], first)
        stop = row_start[centers[i] + 1]
        sparse = np.float32(0.0)
        while entry < stop and columns[entry] < first + width:
            j = columns[entry] - first
            x, k = weights[entry], noise[j]
            rest = x * (np.float32(1.0) - k)  # X (1 − K·P)
            sparse += rest * below[j] - x * score[j]  # X ((1 − K·P) L − s)
            row[j] += row[j] * rest / (k * n) - x  # row[j] / (K·P n) is σ(s)
            entry += 1
        total += sparse
    return total


# ----------------------------------------------------------------------------------- the optimizers


@compiled(nogil=True, fastmath=FAST, error_model="numpy")
def descend(parameters: Array, gradient: Array, lr: float) -> None:
    """Plain gradient descent: θ −= lr g. All arrays (n, D)."""
    for i in range(parameters.shape[0]):
        for j in range(parameters.shape[1]):
            parameters[i, j] -= lr * gradient[i, j]


@compiled(nogil=True, fastmath=FAST_DIVISION, error_model="numpy")
def descend_adagrad(
    parameters: Array, gradient: Array, squares: Array, lr: float, epsilon: float
) -> None:
    """Adagrad (Duchi et al. 2011): θ −= lr g / √(Σ g² + ε). All arrays (n, D)."""
    for i in range(parameters.shape[0]):
        for j in range(parameters.shape[1]):
            g = gradient[i, j]
            total = squares[i, j] + g * g
            squares[i, j] = total
            parameters[i, j] -= lr * g / np.sqrt(total + epsilon)


@compiled(nogil=True, fastmath=FAST_DIVISION, error_model="numpy")
def descend_adam(
    parameters: Array,
    gradient: Array,
    means: Array,
    squares: Array,
    rates: Array,
    epsilon: float,
    new_mean: float,
    new_square: float,
) -> None:
    """Adam (Kingma and Ba 2015). All arrays (n, D).

    means, squares: running means of g and g²; new_mean, new_square: the weight of the newest
    (1 − β). rates: the learning rate of each row with both bias corrections in it,
    lr √(1 − β₂ᵗ) / (1 − β₁ᵗ) at its step t, (n,).
    """
    for i in range(parameters.shape[0]):
        lr = rates[i]
        for j in range(parameters.shape[1]):
            g = gradient[i, j]
            mean = means[i, j] + (g - means[i, j]) * new_mean
            square = squares[i, j] + (g * g - squares[i, j]) * new_square
            means[i, j] = mean
            squares[i, j] = square
            parameters[i, j] -= lr * mean / (np.sqrt(square) + epsilon)
