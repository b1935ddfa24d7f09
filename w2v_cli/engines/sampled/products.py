"""The tools of a step: copies of rows, the descent of rows, small dense products in registers.

They know nothing of losses; `step.py` and `cbow_step.py` have the formulas.
"""

import numpy as np

from w2v_cli.compiled import inlined
from w2v_cli.engines.sampled.buffers import Ids, Mask, Matrix, Model
from w2v_cli.engines.sampled.lanes import LANES, Vector, fill, fma, load, spread, store, transpose

_f32 = np.float32


@inlined
def gather(matrix: Matrix, words: Ids, first: int, n: int, width: int, rows: Matrix) -> None:
    """rows[i] = matrix[words[first + i]] for i < n."""
    for i in range(n):
        source = np.int64(words[first + i]) * width
        for d in range(0, width, LANES):
            store(rows, i * width + d, load(matrix, source + d))


@inlined
def turn(rows: Matrix, n: int, width: int, columns: Matrix) -> None:
    """columns[d, i] = rows[i, d]: turn n rows, a multiple of LANES, into columns."""
    for i in range(0, n, LANES):
        for d in range(0, width, LANES):
            transpose(rows, i * width + d, width, columns, d * n + i, n)


@inlined
def descend(
    matrix: Matrix,
    frozen: Mask,
    words: Ids,
    first: int,
    n: int,
    width: int,
    columns: tuple[int, int],
    lr: float,
    rows: Matrix,
) -> None:
    """matrix[words[first + i]] −= lr · rows[i] for i < n, in the columns from..to − 1.

    Rows of frozen words are not written; an empty mask freezes none.
    """
    minus_lr = fill(_f32(-lr))
    masked = len(frozen) > 0
    for i in range(n):
        if masked and frozen[words[first + i]]:
            continue
        target = np.int64(words[first + i]) * width
        for d in range(columns[0], columns[1], LANES):
            moved = fma(minus_lr, load(rows, i * width + d), load(matrix, target + d))
            store(matrix, target + d, moved)


@inlined
def product(
    a: Matrix,
    a_row: int,
    a_step: int,
    b: Matrix,
    b_step: int,
    c: Matrix,
    c_row: int,
    n_rows: int,
    n_columns: int,
    n_steps: int,
) -> None:
    """c[i, j] += Σ_k a[i, k] b[k, j]; n_rows is rounded up to a multiple of 8.

    a[i, k] is at i·a_row + k·a_step, b[k, j] at k·b_step + j, c[i, j] at i·c_row + j.
    Sixteen sums stay in registers: 8 rows by 2 vectors (at the end 1).
    """
    zero = fill(_f32(0))
    j = 0
    # Two vectors of columns: s and t are eight rows each.
    while j + 2 * LANES <= n_columns:
        for i in range(0, n_rows, 8):
            s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = zero
            t0 = t1 = t2 = t3 = t4 = t5 = t6 = t7 = zero
            for k in range(n_steps):
                x = load(b, k * b_step + j)
                y = load(b, k * b_step + j + LANES)
                p = i * a_row + k * a_step
                s0, t0 = add_two(a, p, x, y, s0, t0)
                s1, t1 = add_two(a, p + a_row, x, y, s1, t1)
                s2, t2 = add_two(a, p + 2 * a_row, x, y, s2, t2)
                s3, t3 = add_two(a, p + 3 * a_row, x, y, s3, t3)
                s4, t4 = add_two(a, p + 4 * a_row, x, y, s4, t4)
                s5, t5 = add_two(a, p + 5 * a_row, x, y, s5, t5)
                s6, t6 = add_two(a, p + 6 * a_row, x, y, s6, t6)
                s7, t7 = add_two(a, p + 7 * a_row, x, y, s7, t7)
            p = i * c_row + j
            add_column(c, p, c_row, s0, s1, s2, s3, s4, s5, s6, s7)
            add_column(c, p + LANES, c_row, t0, t1, t2, t3, t4, t5, t6, t7)
        j += 2 * LANES
    if j < n_columns:
        product_of_last(a, a_row, a_step, b, b_step, c, c_row, n_rows, j, n_steps)


@inlined
def product_of_last(
    a: Matrix,
    a_row: int,
    a_step: int,
    b: Matrix,
    b_step: int,
    c: Matrix,
    c_row: int,
    n_rows: int,
    j: int,
    n_steps: int,
) -> None:
    """Do the same as `product` for one last vector of columns, which begins at column j."""
    zero = fill(_f32(0))
    for i in range(0, n_rows, 8):
        s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = zero
        for k in range(n_steps):
            x = load(b, k * b_step + j)
            p = i * a_row + k * a_step
            s0 = fma(spread(a, p), x, s0)
            s1 = fma(spread(a, p + a_row), x, s1)
            s2 = fma(spread(a, p + 2 * a_row), x, s2)
            s3 = fma(spread(a, p + 3 * a_row), x, s3)
            s4 = fma(spread(a, p + 4 * a_row), x, s4)
            s5 = fma(spread(a, p + 5 * a_row), x, s5)
            s6 = fma(spread(a, p + 6 * a_row), x, s6)
            s7 = fma(spread(a, p + 7 * a_row), x, s7)
        add_column(c, i * c_row + j, c_row, s0, s1, s2, s3, s4, s5, s6, s7)


@inlined
def add_two(a: Matrix, p: int, x: Vector, y: Vector, s: Vector, t: Vector) -> tuple[Vector, Vector]:
    """s + a[p]·x and t + a[p]·y."""
    f = spread(a, p)
    return fma(f, x, s), fma(f, y, t)


@inlined
def add_column(
    c: Matrix,
    p: int,
    c_row: int,
    s0: Vector,
    s1: Vector,
    s2: Vector,
    s3: Vector,
    s4: Vector,
    s5: Vector,
    s6: Vector,
    s7: Vector,
) -> None:
    """Add eight vectors to eight successive rows of c, from position p on."""
    for s in (s0, s1, s2, s3, s4, s5, s6, s7):
        store(c, p, load(c, p) + s)
        p += c_row


@inlined
def clear(array: Matrix, n: int) -> None:
    """Set the first n floats to zero."""
    for i in range(0, n, LANES):
        store(array, i, fill(_f32(0)))


# Centre vectors and their rows: a word has one row or, with subwords, the mean of several.


@inlined
def gather_means(model: Model, words: Ids, first: int, n: int, width: int, means: Matrix) -> None:
    """means[i] = the centre vector of words[first + i], the mean of its rows, for i < n."""
    matrix, rows = model.center, model.rows
    if len(rows.start) == 0:
        gather(matrix, words, first, n, width, means)
        return
    for i in range(n):
        start, stop = rows.start[words[first + i]], rows.start[words[first + i] + 1]
        share = fill(_f32(1) / _f32(stop - start))
        d = 0
        while d < width:
            # Two vectors at a time; a last single one is done twice.
            e = LANES if d + LANES < width else 0
            s = t = fill(_f32(0))
            for j in range(start, stop):
                source = np.int64(rows.rows[j]) * width + d
                s = s + load(matrix, source)
                t = t + load(matrix, source + e)
            store(means, i * width + d + e, t * share)
            store(means, i * width + d, s * share)
            d += 2 * LANES


@inlined
def descend_means(
    model: Model,
    words: Ids,
    first: int,
    n: int,
    width: int,
    columns: tuple[int, int],
    lr: float,
    gradient: Matrix,
) -> None:
    """Move the rows of words[first + i] against gradient[i], for i < n, in columns from..to − 1.

    Each row of a word takes the whole gradient of the mean, as in fastText, not a share of 1/n.
    With shares, and a rate that was n times as large on average, words with many n-grams moved too
    little. (The exact engine takes shares: Adam does not depend on the scale of a gradient.)
    There is no mask with subwords: `--freeze` and `--subwords` exclude each other.
    """
    matrix, rows = model.center, model.rows
    if len(rows.start) == 0:
        descend(matrix, model.frozen_center, words, first, n, width, columns, lr, gradient)
        return
    minus_lr = fill(_f32(-lr))
    for i in range(n):
        word = words[first + i]
        for j in range(rows.start[word], rows.start[word + 1]):
            target = np.int64(rows.rows[j]) * width
            for d in range(columns[0], columns[1], LANES):
                moved = fma(minus_lr, load(gradient, i * width + d), load(matrix, target + d))
                store(matrix, target + d, moved)
