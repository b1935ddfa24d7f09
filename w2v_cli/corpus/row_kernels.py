"""Compiled loops over matrices by rows: sorting, adding up, sums.

A matrix by rows is row_start, (V + 1,) int64, columns, uint32, and weights, int64 or float64: row r
is columns[a:b] and weights[a:b] with a, b = row_start[r : r + 2].
"""

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.compiled import compiled

_DENSE_ROW = 16
"""A row with more than 1 / 16 of all columns is listed by looking at all of them, not sorted."""


@compiled(nogil=True, makes_arrays=False)
def sort_by_rows(
    rows: Array,
    in_columns: Array,
    in_weights: Array,
    row_start: Array,
    columns: Array,
    weights: Array,
) -> None:
    """Sort entries by row, keeping their order in a row; fills row_start, columns and weights."""
    row_start[:] = 0
    for entry in range(rows.size):
        row_start[rows[entry] + 1] += 1
    for row in range(1, row_start.size):
        row_start[row] += row_start[row - 1]
    # row_start[r] serves as the cursor of row r and so ends where row r + 1 starts.
    for entry in range(rows.size):
        place = row_start[rows[entry]]
        row_start[rows[entry]] = place + 1
        columns[place] = in_columns[entry]
        weights[place] = in_weights[entry]
    for row in range(row_start.size - 1, 0, -1):
        row_start[row] = row_start[row - 1]
    row_start[0] = 0


@compiled(nogil=True)
def add_up_in_place(row_start: Array, columns: Array, weights: Array) -> int:
    """Add up equal columns of each row; returns how many entries are left."""
    total = np.zeros(row_start.size - 1, np.int64)
    n = stop = 0
    for row in range(row_start.size - 1):
        start, stop = stop, row_start[row + 1]
        first = n
        for entry in range(start, stop):
            o, weight = columns[entry], weights[entry]
            if total[o] == 0:
                columns[n] = o
                n += 1
            total[o] += weight
        for entry in range(first, n):
            weights[entry] = total[columns[entry]]
            total[columns[entry]] = 0
        row_start[row + 1] = n
    return n


@compiled(nogil=True, makes_arrays=False)
def list_rows(row_start: Array, rows: Array) -> None:
    """Fill in the row of each entry."""
    for row in range(row_start.size - 1):
        for entry in range(row_start[row], row_start[row + 1]):
            rows[entry] = row


@compiled(nogil=True)
def add_up(
    row_starts: Array,
    columns: Array,
    weights: Array,
    unit: float,
    total: Array,
    out_row_start: Array,
    out_columns: Array,
    out_weights: Array,
) -> int:
    """Add up some rows of several matrices; columns then rise.

    row_starts: (n_matrices, n_rows + 1), where each row of each matrix lies in `columns` and
    `weights`. unit: what sums are multiplied by; the integer 1 keeps integers. total: int64, (V,),
    all zero before and after. out_row_start: (n_rows + 1,), filled.
    Returns the number of entries written.
    """
    touched = np.empty(total.size + 1, np.uint32)
    n = 0
    out_row_start[0] = 0
    for row in range(row_starts.shape[1] - 1):
        m = 0
        for matrix in range(row_starts.shape[0]):
            for entry in range(row_starts[matrix, row], row_starts[matrix, row + 1]):
                o = columns[entry]
                if total[o] == 0:
                    touched[m] = o
                    m += 1
                total[o] += weights[entry]
        if m * _DENSE_ROW > total.size:
            m = 0
            for o in range(total.size):
                touched[m] = o
                m += total[o] != 0
        else:
            touched[:m].sort()
        for o in touched[:m]:
            out_columns[n] = o
            out_weights[n] = total[o] * unit
            total[o] = 0
            n += 1
        out_row_start[row + 1] = n
    return n


@compiled(nogil=True)
def add_rows(row_start: Array, columns: Array, weights: Array, factor: Array, sums: Array) -> None:
    """sums[c] = Σ_o X[c, o] · factor[o], (V,)."""
    for row in range(row_start.size - 1):
        total = 0.0
        for entry in range(row_start[row], row_start[row + 1]):
            total += weights[entry] * factor[columns[entry]]
        sums[row] = total
