"""The compiled loops of the spectral engine: PPMI from counts, and products with a sparse matrix.

Rows are independent of each other, so any number of threads gives the same bits.
"""

import math

from w2v_cli.arrays import Array
from w2v_cli.compiled import compiled

#: Sums may be reordered and multiply-adds fused; NaN and infinity keep their meaning.
_FAST = {"reassoc", "nsz", "contract"}


@compiled(nogil=True, error_model="numpy", makes_arrays=False)
def count_positive(
    row_start: Array,
    columns: Array,
    weights: Array,
    n_pairs: Array,
    factor: float,
    rows: Array,
    kept: Array,
) -> None:
    """Write to kept[c] how many words o have a PMI above zero with c: X[c, o] n > n_c n_o.

    n_pairs: n_c, float64, (V,). factor: n times the unit of the weights. rows: first and last + 1.
    """
    for c in range(rows[0], rows[1]):
        n = 0
        for e in range(row_start[c], row_start[c + 1]):
            if weights[e] * factor > n_pairs[c] * n_pairs[columns[e]]:
                n += 1
        kept[c] = n


@compiled(nogil=True, error_model="numpy", makes_arrays=False)
def fill_positive(
    row_start: Array,
    columns: Array,
    weights: Array,
    n_pairs: Array,
    factor: float,
    rows: Array,
    out_start: Array,
    out_columns: Array,
    out_values: Array,
) -> float:
    """Write the entries that `count_positive` counted: PMI, log(X[c, o] n / (n_c n_o)).

    Returns the sum of their squares.
    """
    squares = 0.0
    for c in range(rows[0], rows[1]):
        k = out_start[c]
        for e in range(row_start[c], row_start[c + 1]):
            count, chance = weights[e] * factor, n_pairs[c] * n_pairs[columns[e]]
            if count > chance:
                value = math.log(count / chance)
                out_columns[k] = columns[e]
                out_values[k] = value
                squares += value * value
                k += 1
    return squares


@compiled(nogil=True, fastmath=_FAST, error_model="numpy", makes_arrays=False)
def multiply(
    row_start: Array,
    columns: Array,
    values: Array,
    basis: Array,
    factors: Array,
    rows: Array,
    total: Array,
    out: Array,
) -> None:
    """Write rows of a (A B) + b B + c out to `out`, with a, b, c = factors, float32.

    basis: B, float32, (V, W). total: scratch of a thread, (W,). out: (V, W), another array than B.
    """
    width = basis.shape[1]
    for i in range(rows[0], rows[1]):
        for j in range(width):
            total[j] = 0
        e, stop = row_start[i], row_start[i + 1]
        while e + 4 <= stop:  # four at a time: `total` is read and written once for them
            c0, c1, c2, c3 = columns[e], columns[e + 1], columns[e + 2], columns[e + 3]
            v0, v1, v2, v3 = values[e], values[e + 1], values[e + 2], values[e + 3]
            for j in range(width):
                total[j] += (v0 * basis[c0, j] + v1 * basis[c1, j]) + (
                    v2 * basis[c2, j] + v3 * basis[c3, j]
                )
            e += 4
        while e < stop:
            c0, v0 = columns[e], values[e]
            for j in range(width):
                total[j] += v0 * basis[c0, j]
            e += 1
        if factors[2] == 0:  # `out` may hold anything, even NaN
            for j in range(width):
                out[i, j] = factors[0] * total[j] + factors[1] * basis[i, j]
        else:
            for j in range(width):
                out[i, j] = (
                    factors[0] * total[j] + factors[1] * basis[i, j] + factors[2] * out[i, j]
                )
