"""The compiled loop of adding up pair counts."""

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.compiled import compiled

_DENSE_ROW = 16
"""A row with more than 1 / 16 of all columns is listed by looking at all of them, not sorted."""


@compiled(nogil=True)
def add_up(
    row_starts: Array,
    columns: Array,
    weights: Array,
    total: Array,
    out_row_start: Array,
    out_columns: Array,
    out_weights: Array,
) -> int:
    """Add up some rows of several matrices; columns then rise.

    row_starts: (n_matrices, n_rows + 1), where each row of each matrix lies in `columns` and
    `weights`. total: int64, (V,), all zero before and after. out_row_start: (n_rows + 1,), filled.
    Returns the number of entries written.
    """
    touched = np.empty(total.size, np.uint32)
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
            out_weights[n] = total[o]
            total[o] = 0
            n += 1
        out_row_start[row + 1] = n
    return n
