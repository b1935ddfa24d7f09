"""Compiled loops behind `pair_counts`.

Two tokens of a document with k kept words between them are a pair with probability
(window − k)⁺ / window. While a walk goes to the right from a token, `between[k]` is the
probability that k words were kept so far; a further word that is kept with probability q turns it
into between[k] · (1 − q) + between[k − 1] · q. Two sums over k < window follow without a loop:

    alive = Σ between[k]                 falls by q · between[window − 1]
    weight = Σ between[k] · (window − k) falls by q · alive

Where all windows have one radius, two tokens are a pair with probability alive.

Weights are integers from the moment they are known, so the order of adding does not matter. Each
pair of words is kept once, as (near, far) with near ≤ far; X is the sum of that and its transpose.
A matrix by rows is row_start, (V + 1,) int64, columns, uint32, and weights, int64.
"""

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.compiled import compiled, inlined

# Not from `w2v_cli.arrays`: compiled code takes nothing from outside its folder.
LEFT, RIGHT, DOCUMENT, N_PAIRS = range(4)
"""The places of the state that `collect_pairs` takes up and leaves, int64."""

ALIVE, WEIGHT = range(2)
"""The places of its two sums, float64."""

_DENSE_ROW = 16
"""A row with more than 1 / 16 of all columns is listed by looking at all of them, not sorted."""


@inlined
def _let_one_more_be_kept(between: Array, q: float) -> None:
    """Move on past a word that is kept with probability q: between[k] takes from between[k − 1]."""
    if q == 1.0:
        for k in range(between.size - 1, 0, -1):
            between[k] = between[k - 1]
        between[0] = 0.0
    else:
        for k in range(between.size - 1, 0, -1):
            between[k] += q * (between[k - 1] - between[k])
        between[0] -= q * between[0]


@inlined
def _in_no_table(
    a: np.int64, b: np.int64, fixed: np.int64, bound: int, offset: Array, table: Array
) -> np.int64:
    """Add a pair to the table if both words are frequent; return 1 if it must be appended, else 0.

    No branch, since a processor could not predict it: zero is added where the pair is not one of
    the table's.
    """
    frequent = np.int64((a + 1) * (b + 1) <= bound)
    table[frequent * (offset[frequent * a] + b)] += frequent * fixed
    return (1 - frequent) & np.int64(fixed > 0)


@inlined
def _first_right(i: int, between: Array, sums: Array, state: Array) -> int:
    """Return the first right token for the left token i: where `state` left it, or the next one."""
    first: int = state[RIGHT]
    state[RIGHT] = 0
    if first == 0:
        between[:] = 0.0
        between[0] = sums[ALIVE] = 1.0
        sums[WEIGHT] = between.size
        return i + 1
    return first


@compiled(nogil=True, makes_arrays=False)
def collect_pairs(
    tokens: Array,
    document_ends: Array,
    stop: int,
    keep: Array,
    scale: float,
    tail: float,
    shrink: bool,
    between: Array,
    sums: Array,
    bound: int,
    offset: Array,
    table: Array,
    near: Array,
    far: Array,
    weights: Array,
    state: Array,
) -> bool:
    """Collect the pairs whose left token is before `stop`, from `state` on.

    A pair with (near + 1)(far + 1) ≤ bound is added to table[offset[near] + far]; the others are
    appended to near, far and weights. Returns whether there was room for all; if not, call again.
    """
    window = between.size
    n = state[N_PAIRS]
    document = state[DOCUMENT]
    for i in range(state[LEFT], stop):
        while document_ends[document] <= i:
            document += 1
        c = tokens[i]
        share = keep[c] * scale / window
        first = _first_right(i, between, sums, state)
        alive, weight = sums[ALIVE], sums[WEIGHT]
        for j in range(first, document_ends[document]):
            if alive <= tail:
                break
            if n == near.size:
                state[LEFT], state[RIGHT], state[DOCUMENT], state[N_PAIRS] = i, j, document, n
                sums[ALIVE], sums[WEIGHT] = alive, weight
                return False
            o = tokens[j]
            q = keep[o]
            reached = weight if shrink else window * alive
            fixed = np.int64(reached * (q * share) + 0.5)
            a, b = np.int64(min(c, o)), np.int64(max(c, o))
            near[n], far[n], weights[n] = a, b, fixed
            n += _in_no_table(a, b, fixed, bound, offset, table)
            weight -= q * alive
            alive -= q * between[window - 1]
            _let_one_more_be_kept(between, q)
    state[LEFT], state[DOCUMENT], state[N_PAIRS] = stop, document, n
    return True


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
def add_up_rows(
    row_starts: Array,
    columns: Array,
    weights: Array,
    first: int,
    last: int,
    unit: float,
    out_columns: Array,
    out_weights: Array,
    out_row_start: Array,
) -> int:
    """Merge rows [first, last) of several runs; equal columns are added up, columns then rise.

    row_starts: (n_runs, V + 1), where each row of each run lies in `columns` and `weights`.
    out_weights: float64, the sums times `unit`. out_row_start: (last - first + 1,), filled.
    Returns the number of entries written.
    """
    n_runs, n_words = row_starts.shape[0], row_starts.shape[1] - 1
    total = np.zeros(n_words, np.int64)
    touched = np.empty(n_words + 1, np.uint32)
    n = 0
    out_row_start[0] = 0
    for row in range(first, last):
        m = 0
        for run in range(n_runs):
            for entry in range(row_starts[run, row], row_starts[run, row + 1]):
                o = columns[entry]
                if total[o] == 0:
                    touched[m] = o
                    m += 1
                total[o] += weights[entry]
        if m * _DENSE_ROW > n_words:
            m = 0
            for o in range(n_words):
                touched[m] = o
                m += total[o] != 0
        else:
            touched[:m].sort()
        for o in touched[:m]:
            out_columns[n] = o
            out_weights[n] = total[o] * unit
            total[o] = 0
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
