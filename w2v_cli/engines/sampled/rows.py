"""The rows that centre vectors are made of: one a word, or with subwords the mean of several."""

import numpy as np

from w2v_cli.compiled import inlined
from w2v_cli.engines.sampled.buffers import Ids, Matrix
from w2v_cli.engines.sampled.lanes import LANES, fill, fma, load, store
from w2v_cli.engines.sampled.model import Model
from w2v_cli.engines.sampled.products import descend, gather

_f32 = np.float32


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
    """Move the rows of words[first + i] against gradient[i], for i < n, in some columns."""
    matrix, rows = model.center, model.rows
    if len(rows.start) == 0:
        descend(matrix, model.frozen_center, words, first, n, width, columns, lr, gradient)
        return
    for i in range(n):
        word = words[first + i]
        step = fill(_f32(-lr) * rows.share[word])
        for j in range(rows.start[word], rows.start[word + 1]):
            target = np.int64(rows.rows[j]) * width
            for d in range(columns[0], columns[1], LANES):
                moved = fma(step, load(gradient, i * width + d), load(matrix, target + d))
                store(matrix, target + d, moved)
