"""Compiled loops behind `cooccurrence`; this file imports no other compiled code.

Two tokens of a document with k kept words between them are a pair with probability
(window − k)⁺ / window. While a walk goes to the right from a token, `between[k]` is the
probability that k words were kept so far; a further word that is kept with probability q turns it
into between[k] · (1 − q) + between[k − 1] · q.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v_cli.compiled import compiled, inlined

Array = NDArray[Any]


@inlined
def _shift(between: Array, q: float) -> float:
    """Let one more word be kept with probability q; return what stays within the window."""
    alive = 0.0
    for k in range(between.size - 1, 0, -1):
        between[k] = between[k] * (1.0 - q) + between[k - 1] * q
        alive += between[k]
    between[0] *= 1.0 - q
    return alive + float(between[0])


@compiled(nogil=True)
def count_row_pairs(
    tokens: Array,
    document_ends: Array,
    document: int,
    start: int,
    stop: int,
    keep: Array,
    window: int,
    tail: float,
    row_pairs: Array,
) -> None:
    """Add to row_pairs, (V,), how many pairs each word has with left tokens in [start, stop).

    document: the one that `start` stands in. Right tokens may lie beyond `stop`.
    """
    between = np.empty(window)
    for i in range(start, stop):
        while document_ends[document] <= i:
            document += 1
        between[:] = 0.0
        between[0] = 1.0
        alive = 1.0
        for j in range(i + 1, document_ends[document]):
            if alive <= tail:
                break
            row_pairs[tokens[i]] += 1
            row_pairs[tokens[j]] += 1
            alive = _shift(between, keep[tokens[j]])


@compiled(nogil=True)
def place_pairs(
    tokens: Array,
    document_ends: Array,
    document: int,
    start: int,
    stop: int,
    keep: Array,
    window: int,
    tail: float,
    cursor: Array,
    columns: Array,
    weights: Array,
) -> None:
    """Write each pair of `count_row_pairs` with its weight at its row's cursor, (V,)."""
    between = np.empty(window)
    for i in range(start, stop):
        while document_ends[document] <= i:
            document += 1
        c = tokens[i]
        between[:] = 0.0
        between[0] = 1.0
        alive = 1.0
        for j in range(i + 1, document_ends[document]):
            if alive <= tail:
                break
            o = tokens[j]
            weight = 0.0
            for k in range(window):
                weight += between[k] * (window - k)
            weight *= keep[c] * keep[o] / window
            columns[cursor[c]] = o
            weights[cursor[c]] = weight
            cursor[c] += 1
            columns[cursor[o]] = c
            weights[cursor[o]] = weight
            cursor[o] += 1
            alive = _shift(between, keep[o])


@compiled(nogil=True)
def add_up_rows(
    row_starts: Array,
    columns: Array,
    weights: Array,
    first: int,
    last: int,
    out_columns: Array,
    out_weights: Array,
    out_row_start: Array,
) -> int:
    """Merge rows [first, last) of several runs; equal columns are added up, columns then rise.

    row_starts: (n_runs, V + 1), where each row of each run lies in `columns` and `weights`.
    out_row_start: (last - first + 1,), filled. With one run that starts at 0, the outputs may be
    the inputs. Returns the number of entries written.
    """
    n_runs, n_words = row_starts.shape[0], row_starts.shape[1] - 1
    total = np.zeros(n_words)
    touched = np.empty(n_words, np.uint32)
    n = 0
    out_row_start[0] = 0
    for row in range(first, last):
        m = 0
        for run in range(n_runs):
            for entry in range(row_starts[run, row], row_starts[run, row + 1]):
                o = columns[entry]
                if total[o] == 0.0:
                    touched[m] = o
                    m += 1
                total[o] += weights[entry]
        row_columns = touched[:m]
        row_columns.sort()
        for o in row_columns:
            out_columns[n] = o
            out_weights[n] = total[o]
            total[o] = 0.0
            n += 1
        out_row_start[row - first + 1] = n
    return n


@compiled(nogil=True)
def add_rows(row_start: Array, columns: Array, weights: Array, factor: Array, sums: Array) -> None:
    """sums[c] = Σ_o X[c, o] · factor[o], (V,)."""
    for row in range(row_start.size - 1):
        total = 0.0
        for entry in range(row_start[row], row_start[row + 1]):
            total += weights[entry] * factor[columns[entry]]
        sums[row] = total
