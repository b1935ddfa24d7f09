"""Compiled loops that count pairs: from tokens to sums, and sums of matrices by rows.

**From tokens to pairs.** Two tokens of a document with k kept words between them are a pair with
probability (window − k)⁺ / window. While a walk goes to the right from a token, `between[k]` is the
probability that k words were kept so far; a further word that is kept with probability q turns it
into between[k] · (1 − q) + between[k − 1] · q. Two sums over k < window follow without a loop:

    alive = Σ between[k]                 falls by q · between[window − 1]
    weight = Σ between[k] · (window − k) falls by q · alive

Where all windows have one radius, two tokens are a pair with probability alive.

Weights are integers from the moment they are known, so the order of adding does not matter. Each
pair of words is kept once, as (near, far) with near ≤ far; X is the sum of that and its transpose.
"""

from typing import NamedTuple

import numpy as np

from w2v_cli.arrays import Array
from w2v_cli.compiled import compiled, inlined, lowest_bit, prefetch

TILE = 64
"""Left tokens that walk to the right in step, each in a lane of its own: sums are then vector
operations. A lane's sums do not depend on the others, so neither do the bits on where the text is
cut. Lanes whose walk has ended wait for the others."""

ALIVE, WEIGHT, SHARE, Q, BETWEEN = range(5)
"""Rows of the lanes: the sums above, what keep and scale make of a left token, the chance that its
next right token is kept, and from BETWEEN on `between`."""

LEFT, STEP, DOCUMENT, N_PAIRS = range(4)
"""Indices into the state, int64, that `collect_pairs` continues from and leaves."""


class Text(NamedTuple):
    """tokens: word ids, uint32 (n,). document_ends: one past each document's last token, int64."""

    tokens: Array
    document_ends: Array


class Weighing(NamedTuple):
    """What decides the weight of a pair.

    keep: the chance that a token of each word is kept, float64 (V,). window: the largest radius.
    shrink: radii are drawn from 1 to the window; else all are the window. tail: a walk ends where
    its next pair has a chance of at most this. scale: a weight of 1 becomes this integer.
    """

    keep: Array
    window: int
    shrink: bool
    tail: float
    scale: float


class Walks(NamedTuple):
    """What a thread walks with.

    lanes: float64 (BETWEEN + window, TILE). The others are int64, (TILE,) if not said otherwise.
    left: the left tokens; to_end: how far each walk may go, 0 where it has ended. Of the next pair
    of each walk, fixed: its weight, an integer; near: the near word, −1 if the pair is not in the
    table; far: the far word; places: its place in the table, or −1. right, (2 · TILE,): the next
    right tokens, and right_keep, float64, the chances that they are kept.
    """

    lanes: Array
    left: Array
    to_end: Array
    fixed: Array
    near: Array
    far: Array
    places: Array
    right: Array
    right_keep: Array


def new_walks(window: int) -> Walks:
    """Room for TILE walks."""
    lanes, right = np.empty((BETWEEN + window, TILE)), np.empty(2 * TILE, np.int64)
    return Walks(lanes, *np.zeros((6, TILE), np.int64), right, np.empty(2 * TILE))


class Sums(NamedTuple):
    """What a thread collects in.

    A pair with (near + 1)(far + 1) ≤ bound is added to table[offset[near] + far], int64; the others
    are appended to near and far, uint32, and weights, int64. All have room for TILE at least.
    """

    bound: int
    offset: Array
    table: Array
    near: Array
    far: Array
    weights: Array


@inlined
def _start_walks(
    text: Text, left: int, n: int, document: int, weighing: Weighing, walks: Walks
) -> int:
    """Put n left tokens into the lanes; return the document of the last one."""
    lanes, to_end, window = walks.lanes, walks.to_end, weighing.window
    lanes[:] = 0.0
    to_end[:] = 0
    for t in range(n):
        walks.left[t] = text.tokens[left + t]
        while text.document_ends[document] <= left + t:
            document += 1
        to_end[t] = text.document_ends[document] - left - t
        # No word is between a token and the next: between[0] = 1, so weight = window.
        lanes[ALIVE, t] = lanes[BETWEEN, t] = 1.0
        lanes[WEIGHT, t] = window
        lanes[SHARE, t] = weighing.keep[text.tokens[left + t]] * weighing.scale / window
    return document


@inlined
def _read_right(text: Text, place: int, weighing: Weighing, walks: Walks) -> None:
    """Look up the tokens from a place on, once for all walks that will meet them."""
    right, right_keep = walks.right, walks.right_keep
    n = min(right.size, text.tokens.size - place)
    for i in range(n):
        right[i] = text.tokens[place + i]
        right_keep[i] = weighing.keep[text.tokens[place + i]]
    right[n:] = 0
    right_keep[n:] = 0.0


@inlined
def _look_at_next(text: Text, left: int, step: int, weighing: Weighing, walks: Walks) -> int:
    """Fill in the chance that each walk's next right token is kept; return how many walks continue.

    A walk that has ended adds nothing: its chance is 0.
    """
    first = (step - 1) % TILE
    if first == 0:
        _read_right(text, left + step, weighing, walks)
    to_end, keep = walks.to_end, walks.right_keep[first : first + TILE]
    alive, q = walks.lanes[ALIVE], walks.lanes[Q]
    n = 0
    for t in range(TILE):
        goes_on = (step < to_end[t]) & (alive[t] > weighing.tail)
        n += goes_on
        to_end[t] *= goes_on
        q[t] = keep[t] * goes_on
    return n


@inlined
def _weigh(weighing: Weighing, walks: Walks) -> None:
    """Fill in the weight of each walk's next pair, as an integer, and move on by that token."""
    lanes, fixed, window = walks.lanes, walks.fixed, weighing.window
    alive, weight, share, q = lanes[ALIVE], lanes[WEIGHT], lanes[SHARE], lanes[Q]
    last = lanes[BETWEEN + window - 1]
    # keep[c] · keep[o] · Σ between[k] · (window − k) / window, rounded to a whole number of units
    for t in range(TILE):
        reached = weight[t] if weighing.shrink else window * alive[t]
        fixed[t] = max(0, np.int64(reached * (q[t] * share[t]) + 0.5))
    for t in range(TILE):
        weight[t] -= q[t] * alive[t]
    for t in range(TILE):
        alive[t] -= q[t] * last[t]
    # between[k] ← between[k] · (1 − q) + between[k − 1] · q, from the last k, which needs the old
    for k in range(BETWEEN + window - 1, BETWEEN, -1):
        here, before = lanes[k], lanes[k - 1]
        for t in range(TILE):
            here[t] = here[t] * (1.0 - q[t]) + before[t] * q[t]
    first = lanes[BETWEEN]
    for t in range(TILE):
        first[t] *= 1.0 - q[t]


@inlined
def _add_pairs(step: int, walks: Walks, sums: Sums, n: int) -> int:
    """Add the next pair of each walk to the table, or append it; return how many are appended.

    The first loop becomes vector operations, since it neither branches nor looks up. Places in the
    table are far apart, so they are prefetched.
    """
    first = (step - 1) % TILE
    left, right, fixed = walks.left, walks.right[first : first + TILE], walks.fixed
    near, far, places = walks.near, walks.far, walks.places
    for t in range(TILE):
        a, b = min(left[t], right[t]), max(left[t], right[t])
        frequent = (a + 1) * (b + 1) <= sums.bound
        # The zeros of walks that have ended go to places apart, so that none waits for another.
        near[t] = (a if frequent else -1) if fixed[t] else 0
        far[t] = b if fixed[t] else t
    for t in range(TILE):
        places[t] = sums.offset[near[t]] + far[t] if near[t] >= 0 else -1
        prefetch(sums.table, max(0, places[t]))
    for t in range(TILE):
        if places[t] >= 0:
            sums.table[places[t]] += fixed[t]
        else:
            sums.near[n], sums.far[n] = min(left[t], right[t]), far[t]
            sums.weights[n] = fixed[t]
            n += 1
    return n


@compiled(nogil=True, makes_arrays=False)
def collect_pairs(
    text: Text, stop: int, weighing: Weighing, walks: Walks, sums: Sums, state: Array
) -> bool:
    """Collect the pairs whose left token is before `stop`, from `state` on.

    Returns whether there was room for all; if not, empty near, far and weights, set
    state[N_PAIRS] to 0 and call again.
    """
    n = state[N_PAIRS]
    left, step, document = state[LEFT], state[STEP], state[DOCUMENT]
    while left < stop:
        n_lanes = min(TILE, stop - left)
        if step == 0:
            document = _start_walks(text, left, n_lanes, document, weighing, walks)
            step = 1
        while _look_at_next(text, left, step, weighing, walks):
            if n + TILE > sums.near.size:
                state[LEFT], state[STEP], state[DOCUMENT], state[N_PAIRS] = left, step, document, n
                return False
            _weigh(weighing, walks)
            n = _add_pairs(step, walks, sums, n)
            step += 1
        left += n_lanes
        step = 0
    state[LEFT], state[STEP], state[DOCUMENT], state[N_PAIRS] = left, 0, document, n
    return True


# Compiled loops over matrices by rows: sorting, adding up, sums.
#
# A matrix by rows is row_start, (V + 1,) int64, columns, uint32, and weights, int64 or float64:
# row r is columns[a:b] and weights[a:b] with a, b = row_start[r : r + 2].


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


class Rows(NamedTuple):
    """Entries of several matrices, and room for their sum.

    starts: (n_matrices, n_rows + 1), where each row of each matrix lies in `columns` and `weights`.
    unit: what sums are multiplied by; the integer 1 keeps integers.
    """

    starts: Array
    columns: Array
    weights: Array
    unit: float
    out_columns: Array
    out_weights: Array


@inlined
def _join(rows: Rows, row: int, n: int) -> int:
    """Write a row whose columns rise from each matrix to the next; return where it ends.

    The last of one matrix may be the first of the next. Returns -1 if the columns do not rise.
    """
    last, weight = -1, np.int64(0)
    for matrix in range(rows.starts.shape[0]):
        for entry in range(rows.starts[matrix, row], rows.starts[matrix, row + 1]):
            o = np.int64(rows.columns[entry])
            if o < last:
                return -1
            if o > last >= 0:
                rows.out_columns[n] = last
                rows.out_weights[n] = weight * rows.unit
                n += 1
                weight = 0
            last = o
            weight += rows.weights[entry]
    if last >= 0:
        rows.out_columns[n] = last
        rows.out_weights[n] = weight * rows.unit
        n += 1
    return n


@inlined
def _sort(rows: Rows, row: int, n: int, total: Array, seen: Array, groups: Array) -> int:
    """Write a row whose columns have any order; return where it ends.

    total: see `add_up`. seen: uint64, a bit for each column; groups: a bit for each number of seen;
    all zero before and after.
    """
    one, six, rest = np.uint64(1), np.uint64(6), np.uint64(63)
    for matrix in range(rows.starts.shape[0]):
        for entry in range(rows.starts[matrix, row], rows.starts[matrix, row + 1]):
            o = np.uint64(rows.columns[entry])
            total[o] += rows.weights[entry]
            seen[o >> six] |= one << (o & rest)
            groups[o >> six >> six] |= one << ((o >> six) & rest)
    for g in range(groups.size):
        while groups[g]:
            k = 64 * g + lowest_bit(groups[g])
            groups[g] &= groups[g] - one
            bits, seen[k] = seen[k], 0
            while bits:
                o = 64 * k + lowest_bit(bits)
                bits &= bits - one
                rows.out_columns[n] = o
                rows.out_weights[n] = total[o] * rows.unit
                total[o] = 0
                n += 1
    return n


@compiled(nogil=True)
def add_up(rows: Rows, total: Array, out_row_start: Array) -> int:
    """Add up some rows of several matrices; columns then rise.

    total: int64, (V,), all zero before and after. out_row_start: (n_rows + 1,), filled.
    Returns the number of entries written.
    """
    seen = np.zeros(total.size // 64 + 1, np.uint64)
    groups = np.zeros(seen.size // 64 + 1, np.uint64)
    n = 0
    out_row_start[0] = 0
    for row in range(rows.starts.shape[1] - 1):
        end = _join(rows, row, n)
        if end < 0:
            end = _sort(rows, row, n, total, seen, groups)
        n = end
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
