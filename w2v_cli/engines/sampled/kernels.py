"""All compiled code of negative sampling: draws, gradients and updates (numba).

The corpus is trained chunk by chunk. A chunk is T tokens, each one a centre, in spans of
successive ones from places all over a block; all of them share S negatives w_1..w_S drawn from the
noise distribution P. (From one place, a chunk would push its negatives away from one topic.) With
n_i outside words o of centre i (its window), the chunk's estimate of the objective is

    J = Σ_i [ Σ_o −log σ(u_o·v_i)  +  Σ_s a_is · −log σ(−u_s·v_i) ],
    a_is = K/S · (n_i − #{outside words of i equal to w_s}).

Its expectation over the draws is the objective with K negatives a pair, in which a negative that
is the pair's own outside word is skipped; so the expected gradient is the exact one. With
g = σ(u·v) − 1 for the pairs and a·σ(u·v) for the negatives, the gradients are three products,

    ∂J/∂v_i = Σ_o g_io u_o + Σ_s g_is u_s      ∂J/∂u_o = Σ_i g_io v_i      ∂J/∂u_s = Σ_i g_is v_i,

and all of them are taken at the parameters the chunk began with. The negatives' part is dense
(T × S), so `product` does it in register blocks; the pairs' part is a band of it.

Rows are padded with zeros, which stay zero, to a multiple of 16 floats. Matrices are flat float32
arrays that start at a cache line. No setting is read from a global: numba would freeze it.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from w2v_cli.compiled import compiled
from w2v_cli.engines.sampled.buffers import Change, Corpus, Draws, Scratch, Shape, Span
from w2v_cli.engines.sampled.draws import draw_noise, draw_tokens, keys_of
from w2v_cli.engines.sampled.lanes import (
    LANES,
    count_of,
    count_up,
    fill,
    fma,
    let_others_run,
    load,
    nearest,
    power_of_two,
    spread,
    store,
    total,
    where_less,
)

PART = 32
"""Columns that one thread moves at a time, in deterministic mode."""

Array = NDArray[Any]
Model = tuple[Array, Array]
Team = tuple[Array, Array, int, int]

_f32 = np.float32


# ------------------------------------------------------------------------------- rows, products


@njit
def gather(matrix, words, first, n, width, rows):
    """rows[i] = matrix[words[first + i]] for i < n."""
    for i in range(n):
        source = np.int64(words[first + i]) * width
        for d in range(0, width, LANES):
            store(rows, i * width + d, load(matrix, source + d))


@njit
def descend(matrix, words, first, n, width, columns, lr, rows):
    """matrix[words[first + i]] −= lr · rows[i] for i < n, in the columns from..to − 1."""
    minus_lr = fill(_f32(-lr))
    for i in range(n):
        target = np.int64(words[first + i]) * width
        for d in range(columns[0], columns[1], LANES):
            moved = fma(minus_lr, load(rows, i * width + d), load(matrix, target + d))
            store(matrix, target + d, moved)


@njit
def product(a, a_row, a_step, b, b_step, c, c_row, n_rows, n_columns, n_steps):
    """c[i, j] += Σ_k a[i, k] b[k, j]; n_rows is rounded up to a multiple of 8.

    a[i, k] stands at i·a_row + k·a_step, b[k, j] at k·b_step + j, c[i, j] at i·c_row + j.
    Sixteen sums stay in registers: 8 rows by 2 vectors (at the end 1).
    """
    zero = fill(_f32(0))
    j = 0
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


@njit
def add_two(a, p, x, y, s, t):
    """s + a[p]·x and t + a[p]·y."""
    f = spread(a, p)
    return fma(f, x, s), fma(f, y, t)


@njit
def add_column(c, p, c_row, s0, s1, s2, s3, s4, s5, s6, s7):
    """Add eight vectors to those below each other in c."""
    for s in (s0, s1, s2, s3, s4, s5, s6, s7):
        store(c, p, load(c, p) + s)
        p += c_row


@njit
def clear(array, n):
    """Set the first n floats to zero."""
    for i in range(0, n, LANES):
        store(array, i, fill(_f32(0)))


# ------------------------------------------------------------------------- losses and gradients


@njit
def softplus_and_sigmoid(z):
    """log(1 + e^z) and σ(z), relative errors below 1e-5; NaN stays NaN.

    With e = e^(−|z|): softplus = max(z, 0) + log(1 + e), σ = 1/(1 + e) or e/(1 + e). The
    exponential is 2^k times a Taylor polynomial on ±log(2)/2, log(1 + e)/e a Chebyshev fit on 0..1.
    """
    zero, one, floor = fill(_f32(0)), fill(_f32(1)), fill(_f32(-80))
    x = where_less(z, zero, z, zero - z)
    x = where_less(x, floor, floor, x) * fill(_f32(1.4426950408889634))
    k = nearest(x)
    x = x - k
    e = fma(fill(_f32(0.0013333558146428443)), x, fill(_f32(0.009618129107628477)))
    e = fma(e, x, fill(_f32(0.05550410866482158)))
    e = fma(e, x, fill(_f32(0.2402265069591007)))
    e = fma(e, x, fill(_f32(0.6931471805599453)))
    e = fma(e, x, one) * power_of_two(k)
    q = fma(fill(_f32(0.014202825621278637)), e, fill(_f32(-0.06658804993600906)))
    q = fma(q, e, fill(_f32(0.14943458362570003)))
    q = fma(q, e, fill(_f32(-0.2351486375413125)))
    q = fma(q, e, fill(_f32(0.33112051909773427)))
    q = fma(q, e, fill(_f32(-0.4998719159347636)))
    q = fma(q, e, fill(_f32(0.9999987635044443)))
    inverse = one / (one + e)
    sigmoid = where_less(z, zero, e * inverse, inverse)
    return fma(q, e, where_less(z, zero, zero, z)), sigmoid


@njit
def score_pairs(scratch, draws, shape, span):
    """pair[i, j] = u·v_i for the j-th word of window i. The centre's own place is no pair: a
    score of 80 gives it no loss and no gradient (both below 1e-34).
    """
    width, columns = shape.width, shape.pair_width
    for place in range(span.first, span.stop):
        row = span.row + place - span.first
        left, last = draws.left[place], draws.right[place] - 1
        for j in range(left, last + 1, 4):
            a = (j - span.low) * width
            b = (min(j + 1, last) - span.low) * width
            c = (min(j + 2, last) - span.low) * width
            d = (min(j + 3, last) - span.low) * width
            s = t = u = v = fill(_f32(0))
            for k in range(0, width, LANES):
                x = load(scratch.center, row * width + k)
                s = fma(x, load(scratch.context, a + k), s)
                t = fma(x, load(scratch.context, b + k), t)
                u = fma(x, load(scratch.context, c + k), u)
                v = fma(x, load(scratch.context, d + k), v)
            at = row * columns + j - left
            scratch.pair[at] = total(s)
            scratch.pair[at + 1] = total(t)
            scratch.pair[at + 2] = total(u)
            scratch.pair[at + 3] = total(v)
        scratch.pair[row * columns + place - left] = 80


@njit
def weigh_noise(scratch, draws, shape, span, noise_words):
    """weight[i, s] = K/S · (n_i − #{outside words of i equal to w_s}); returns Σ n_i.

    Few words of a span are among the negatives: a table of low bits finds the candidates.
    """
    n_shared, shift = shape.n_shared, span.row - span.first
    share = _f32(shape.n_negatives) / _f32(n_shared)
    n_pairs = 0
    for i in range(span.first, span.stop):
        n_outside = draws.right[i] - draws.left[i] - 1
        n_pairs += n_outside
        for s in range(0, n_shared, LANES):
            store(scratch.weight, (i + shift) * n_shared + s, fill(_f32(n_outside) * share))
    for j in range(span.low, span.high):
        if scratch.maybe_noise[draws.words[j] & 1023]:
            for s in range(n_shared):
                if noise_words[s] == draws.words[j]:
                    first = max(span.first, j - shape.window)
                    for i in range(first, min(span.stop, j + shape.window + 1)):
                        if i != j and draws.left[i] <= j < draws.right[i]:
                            scratch.weight[(i + shift) * n_shared + s] -= share
    return n_pairs


@njit
def losses(scratch, draws, shape, span):
    """Turn the scores into ∂J/∂score; return J."""
    columns, n_shared = shape.pair_width, shape.n_shared
    zero = fill(_f32(0))
    loss = 0.0
    for place in range(span.first, span.stop):
        row = span.row + place - span.first
        n = draws.right[place] - draws.left[place]
        row_loss = zero
        for j in range(0, n, LANES):
            at = row * columns + j
            softplus, sigmoid = softplus_and_sigmoid(zero - load(scratch.pair, at))
            row_loss = fma(load(scratch.mask, columns - n + j), softplus, row_loss)
            store(scratch.pair, at, zero - sigmoid)
        for s in range(row * n_shared, (row + 1) * n_shared, LANES):
            weight = load(scratch.weight, s)
            softplus, sigmoid = softplus_and_sigmoid(load(scratch.noise_score, s))
            row_loss = fma(weight, softplus, row_loss)
            store(scratch.noise_score, s, weight * sigmoid)
        loss += total(row_loss)
    return loss


@njit
def add_pair_gradients(scratch, draws, shape, span, grad_center, grad_context):
    """grad_center[i] += Σ_j pair[i, j] u_j;  grad_context[j] = Σ_i pair[i, j] v_i."""
    width, columns = shape.width, shape.pair_width
    clear(grad_context, (span.high - span.low) * width)
    for place in range(span.first, span.stop):
        row = span.row + place - span.first
        left, right = draws.left[place], draws.right[place]
        d = 0
        while d < width:
            # two vectors at a time; a last single one is done twice with a step of zero
            e = LANES if d + LANES < width else 0
            at = row * width + d
            v, w = load(scratch.center, at), load(scratch.center, at + e)
            s, t = load(grad_center, at), load(grad_center, at + e)
            u = (left - span.low) * width + d
            for j in range(row * columns, row * columns + right - left):
                g = spread(scratch.pair, j)
                s = fma(g, load(scratch.context, u), s)
                t = fma(g, load(scratch.context, u + e), t)
                moved = fma(g, v, load(grad_context, u))
                store(grad_context, u + e, fma(g, w, load(grad_context, u + e)))
                store(grad_context, u, moved)
                u += width
            store(grad_center, at + e, t)
            store(grad_center, at, s)
            d += 2 * LANES


# ------------------------------------------------------------------------------ chunks and blocks


@njit
def n_chunks_of(n, shape):
    """Chunks of a block of n kept tokens."""
    length = (n + shape.n_spans - 1) // shape.n_spans
    return (length + shape.span_tokens - 1) // shape.span_tokens


@njit
def span_of(number, part, n, shape):
    """Span number `part` of chunk `number` of a block of n kept tokens; it may be empty."""
    length = (n + shape.n_spans - 1) // shape.n_spans
    first, stop, row = 0, 0, 0
    for p in range(part + 1):
        row += stop - first
        end = min(n, (p + 1) * length)
        first = min(end, p * length + number * shape.span_tokens)
        stop = min(end, first + shape.span_tokens)
    return Span(first, stop, max(0, first - shape.window), min(n, stop + shape.window), row)


@njit
def gather_centers(model, shape, draws, n, number, scratch):
    """Copy the rows of the chunk's centres; return their number."""
    n_rows = 0
    for part in range(shape.n_spans):
        span = span_of(number, part, n, shape)
        rows = scratch.center[span.row * shape.width :]
        gather(model[0], draws.words, span.first, span.stop - span.first, shape.width, rows)
        n_rows += span.stop - span.first
    return n_rows


@njit
def gather_noise(model, shape, noise_words, scratch):
    """Copy the rows of the chunk's negatives, transpose them, mark their words."""
    width, n_shared = shape.width, shape.n_shared
    gather(model[1], noise_words, 0, n_shared, width, scratch.noise)
    for d in range(width):
        for s in range(n_shared):
            scratch.noise_columns[d * n_shared + s] = scratch.noise[s * width + d]
    scratch.maybe_noise[:] = 0
    for s in range(n_shared):
        scratch.maybe_noise[noise_words[s] & 1023] = 1


@njit
def chunk_gradient(model, shape, draws, n, number, scratch, change):
    """Fill `change` with the gradients of chunk `number` at its negatives; return J, n_pairs."""
    width, n_shared, score = shape.width, shape.n_shared, scratch.noise_score
    center, noise, columns = scratch.center, scratch.noise, scratch.noise_columns
    n_rows = gather_centers(model, shape, draws, n, number, scratch)
    gather_noise(model, shape, change.noise_words, scratch)
    clear(score, (n_rows + 7) // 8 * 8 * n_shared)
    product(center, width, 1, columns, n_shared, score, n_shared, n_rows, n_shared, width)
    clear(change.center, (n_rows + 7) // 8 * 8 * width)
    loss, n_pairs = 0.0, 0
    for part in range(shape.n_spans):
        span = span_of(number, part, n, shape)
        gather(model[1], draws.words, span.low, span.high - span.low, width, scratch.context)
        score_pairs(scratch, draws, shape, span)
        n_pairs += weigh_noise(scratch, draws, shape, span, change.noise_words)
        loss += losses(scratch, draws, shape, span)
        add_pair_gradients(scratch, draws, shape, span, change.center, change.context[part])
    product(score, n_shared, 1, noise, width, change.center, width, n_rows, width, n_shared)
    clear(change.noise, n_shared * width)
    product(score, 1, n_shared, center, width, change.noise, width, n_shared, width, n_rows)
    return loss, n_pairs


@njit
def apply_change(model, shape, draws, n, number, columns, lr, change):
    """Move the parameters, in some columns, against the gradient of chunk `number`."""
    width, words = shape.width, draws.words
    for part in range(shape.n_spans):
        span = span_of(number, part, n, shape)
        n_centers, n_context = span.stop - span.first, span.high - span.low
        centers, context = change.center[span.row * width :], change.context[part]
        descend(model[0], words, span.first, n_centers, width, columns, lr, centers)
        if n_centers:
            descend(model[1], words, span.low, n_context, width, columns, lr, context)
    descend(model[1], change.noise_words, 0, shape.n_shared, width, columns, lr, change.noise)


@njit
def row_of(changes, i):
    """Change number i of a round."""
    return Change(changes.center[i], changes.context[i], changes.noise[i], changes.noise_words[i])


@compiled(nogil=True)
def train_block(
    model: Model,
    corpus: Corpus,
    shape: Shape,
    span: tuple[int, int],
    unit: tuple[int, int, int],
    lr: float,
    draws: Draws,
    scratch: Scratch,
    changes: Change,
) -> tuple[float, float]:
    """Train the tokens span[0]..span[1] − 1 chunk after chunk; return loss and pairs.

    model: (center, outside), flat, shared with other threads, which may write at the same time
    (Hogwild: Recht, Ré, Wright, Niu 2011). unit: (seed, epoch, block), the key of its draws.
    """
    change = row_of(changes, 0)
    key, noise_key = keys_of(unit)
    n = draw_tokens(corpus, span[0], span[1], shape.window, key, draws)
    loss, n_pairs = 0.0, 0
    columns = (0, shape.width)
    for number in range(n_chunks_of(n, shape)):
        draw_noise(corpus, noise_key, number, change.noise_words)
        chunk_loss, chunk_pairs = chunk_gradient(model, shape, draws, n, number, scratch, change)
        apply_change(model, shape, draws, n, number, columns, lr, change)
        loss += chunk_loss
        n_pairs += chunk_pairs
    return loss, n_pairs


@njit
def wait_for(counters, index, goal):
    """Return once counters[index] has come to `goal`."""
    turns = 0
    while count_of(counters, index) < goal:
        turns += 1
        if turns > 2000:
            let_others_run()


@compiled(nogil=True)
def train_block_in_step(
    model: Model,
    corpus: Corpus,
    shape: Shape,
    span: tuple[int, int],
    unit: tuple[int, int, int],
    lr: float,
    draws: Draws,
    scratch: Scratch,
    changes: Change,
    sums: Array,
    team: Team,
) -> tuple[float, float]:
    """Train a block like `train_block`, the same bits for every number of threads.

    All threads of the team call this for the same block. A round is as many chunks as `changes`
    has rows. First the gradients of all of them are computed, at the parameters the round began
    with; then all are applied, in order, to one part of the columns after the other. Whichever
    thread is free takes the next chunk or part, so that a thread which the system holds up does
    not hold up the others. sums: float64 (2, chunks), loss and pairs.
    team: (meeting, counters, n_threads, blocks done before). counters: int64, four a round: chunks
    taken and done, parts taken and done.
    """
    meeting, counters, n_threads, n_before = team
    key, noise_key = keys_of(unit)
    n = draw_tokens(corpus, span[0], span[1], shape.window, key, draws)
    n_slots, n_chunks = len(changes.center), n_chunks_of(n, shape)
    n_parts = (shape.width + PART - 1) // PART
    if count_up(meeting, 0) == n_threads * (n_before + 1) - 1:  # the last one to come
        counters[:] = 0
        count_up(meeting, 1)
    wait_for(meeting, 1, n_before + 1)
    for start in range(0, n_chunks, n_slots):
        stop = min(n_chunks, start + n_slots)
        at = 4 * (start // n_slots)
        number = start + count_up(counters, at)
        while number < stop:
            change = row_of(changes, number - start)
            draw_noise(corpus, noise_key, number, change.noise_words)
            loss, n_pairs = chunk_gradient(model, shape, draws, n, number, scratch, change)
            sums[0, number] = loss
            sums[1, number] = n_pairs
            count_up(counters, at + 1)
            number = start + count_up(counters, at)
        wait_for(counters, at + 1, stop - start)
        part = count_up(counters, at + 2)
        while part < n_parts:
            columns = (part * PART, min(shape.width, (part + 1) * PART))
            for number in range(start, stop):
                change = row_of(changes, number - start)
                apply_change(model, shape, draws, n, number, columns, lr, change)
            count_up(counters, at + 3)
            part = count_up(counters, at + 2)
        wait_for(counters, at + 3, n_parts)
    return sums[0, :n_chunks].sum(), sums[1, :n_chunks].sum()
