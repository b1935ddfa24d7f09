"""The compiled loops of naive softmax; imports no compiled code but the elementary functions.

One *tile* holds the scores of B centre words against T outside words; it stays in the second-level
cache from its product to its last use here. A row of a tile is first turned into e = exp(s − m)
with m the row's largest score *in this tile*. When all tiles of a row are known,

    ŷ = f e / Z,   f = exp(m − M),   M = max over tiles m,   Z = Σ over tiles f Σ e,

and the gradient of the scores, n ŷ − X (n pairs of the centre, X its counts), is written as

    (n f / Z) · (e − X Z / (n f)) = factor · tile,

so that the tile is changed only where X has an entry, and the factor goes to the smaller matrices.
The loss, n log Σ exp(s) − Σ X s, needs no pass over X of its own: with s = u·v (+ prior),
Σ_w (n ŷ_w − X_w) u_w·v = v · ∂J/∂v, hence Σ X u·v = n Σ ŷ u·v − v · ∂J/∂v.
"""

import math

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.compiled import compiled, inlined
from w2v_cli.engines.exact.elementary import FAST, bits_of_float, exp_below_0, float_of_bits

#: Where f is smaller, a tile's row is brought down by f itself: 1 / f would overflow float32.
_SMALLEST_SHARE = 1e-20


@inlined
def _add_and_find_largest(row: Array, prior: Array) -> float:
    """row += prior; return the largest.

    Bits of floats, the lower 31 turned round where negative, are ordered as the floats are (a NaN
    comes first or last): whole numbers, unlike floats, are compared many at a time.
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
        m = _add_and_find_largest(row, prior)
        total = np.float32(0.0)
        score_total = np.float32(0.0)
        for j in range(row.size):
            score = row[j]
            e = exp_below_0(score - m)
            row[j] = e
            total += e
            score_total += e * (score - prior[j])
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
        top = largest[0, i]
        for t in range(1, n_tiles):
            top = max(top, largest[t, i])
        z = 0.0
        mean_score = 0.0
        for t in range(n_tiles):
            f = math.exp(np.float64(largest[t, i]) - np.float64(top))
            z += f * sums[t, i]
            mean_score += f * score_sums[t, i]
        loss += n_pairs[i] * (top + math.log(z) - mean_score / z)
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
    """Tile e → share · e − X · ratio: times `factor` the gradient of the scores.

    The tile's columns are the words from `first` on; its rows are the words `centers`.
    """
    last = first + tile.shape[1]
    for i in range(tile.shape[0]):
        row = tile[i]
        if share[i] != 1.0:
            for j in range(row.size):
                row[j] *= share[i]
        stop = row_start[centers[i] + 1]
        entry, high = row_start[centers[i]], stop
        while entry < high:
            middle = (entry + high) // 2
            if columns[middle] < first:
                entry = middle + 1
            else:
                high = middle
        while entry < stop and columns[entry] < last:
            row[columns[entry] - first] -= weights[entry] * ratio[i]
            entry += 1
