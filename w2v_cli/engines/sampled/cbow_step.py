"""The gradient of a chunk of CBOW: each window predicts its centre, once.

With n_i words j around centre i, h_i = (1/n_i) Σ_j v_j, and the chunk's negatives w_1..w_S,

    J = Σ_i [ −log σ(u_i·h_i)  +  Σ_s a_is · −log σ(−u_s·h_i) ],
    a_is = K/S, or 0 where w_s is the word of centre i.

With g_i = σ(u_i·h_i) − 1 and g_is = a_is σ(u_s·h_i), the gradients are

    ∂J/∂h_i = g_i u_i + Σ_s g_is u_s      ∂J/∂u_i = g_i h_i      ∂J/∂u_s = Σ_i g_is h_i,
    ∂J/∂v_j = Σ_i (1/n_i) ∂J/∂h_i  over the centres i that have j around them.

The negatives' part is the same dense T × S product as in skip-gram; all else is one row per token.
With subwords v_j is itself the mean of the rows of j. A comment `equations: …` quotes the line of
`equations/cbow.py` that the code below it computes; its `pair_loss` is that of `step.py`.
"""

import numpy as np

from w2v_cli.compiled import inlined
from w2v_cli.engines.sampled.buffers import (
    CbowScratch,
    Change,
    Draws,
    Ids,
    Matrix,
    Model,
    Shape,
    Span,
)
from w2v_cli.engines.sampled.draws import span_of
from w2v_cli.engines.sampled.lanes import (
    LANES,
    fill,
    fma,
    load,
    softplus_and_sigmoid,
    spread,
    store,
    total,
)
from w2v_cli.engines.sampled.products import (
    clear,
    descend,
    descend_means,
    gather,
    gather_means,
    product,
)
from w2v_cli.engines.sampled.step import CERTAIN, add_penalty, gather_noise

_f32 = np.float32


@inlined
def cbow_gradient(
    model: Model, shape: Shape, draws: Draws, chunk: int, scratch: CbowScratch, change: Change
) -> tuple[float, int]:
    """Fill `change` with the gradients of a chunk; return J and the number of windows."""
    width, n_shared, score = shape.width, shape.n_shared, scratch.noise_score
    hidden, grad_hidden, noise = scratch.hidden, scratch.grad_hidden, scratch.noise
    n_rows, n_windows = 0, 0
    for stretch in range(shape.n_spans):
        span = span_of(chunk, stretch, len(draws.words), shape)
        n_context = span.high - span.low
        gather_means(model, draws.words, span.low, n_context, width, scratch.context)
        # equations: h += share * V[words[position]]
        n_windows += average_windows(scratch, draws, shape, span)
        # The penalty of both vectors of the centres; the other gradients are added to it.
        pull, inside, grad_context = model.pull, span.first - span.low, change.context[stretch]
        clear(grad_context, n_context * width)
        add_penalty(pull, draws, span, width, scratch.context, inside, grad_context, inside)
        for place in range(span.first, span.stop):
            scratch.pull[span.row + place - span.first] = pull[draws.words[place]]
        # change.center has the rows of the centre words, until their gradients replace them.
        rows = change.center[span.row * width :]
        gather(model.outside, draws.words, span.first, span.stop - span.first, width, rows)
        n_rows += span.stop - span.first
    gather_noise(model, shape, change.noise_words, scratch)
    # The scores of all windows with all negatives, and of each with its own centre.
    # equations: loss, grad_h, grad_outside = pair_loss(h, words[t], U)
    clear(score, (n_rows + 7) // 8 * 8 * n_shared)
    columns = scratch.noise_columns
    product(hidden, width, 1, columns, n_shared, score, n_shared, n_rows, n_shared, width)
    score_centers(scratch, change.center, width, n_rows)
    for stretch in range(shape.n_spans):
        span = span_of(chunk, stretch, len(draws.words), shape)
        leave_out(scratch, draws, shape, span, change.noise_words)
    loss = losses(scratch, shape, n_rows)
    # The gradients: of h from its centre and from the negatives, of the centres, of the negatives.
    split_center_gradients(scratch, change.center, width, n_rows)
    product(score, n_shared, 1, noise, width, grad_hidden, width, n_rows, width, n_shared)
    clear(change.noise, n_shared * width)
    product(score, 1, n_shared, hidden, width, change.noise, width, n_shared, width, n_rows)
    # equations: grad_center[words[position]] += share * grad_h
    for stretch in range(shape.n_spans):
        span = span_of(chunk, stretch, len(draws.words), shape)
        share_out(scratch, draws, shape, span, change.context[stretch])
    return loss, n_windows


@inlined
def apply_cbow(
    model: Model,
    shape: Shape,
    draws: Draws,
    chunk: int,
    columns: tuple[int, int],
    lr: float,
    change: Change,
) -> None:
    """Move the parameters as `apply_skip_gram` does: V of the words around, U of the centres."""
    width, words = shape.width, draws.words
    for stretch in range(shape.n_spans):
        span = span_of(chunk, stretch, len(draws.words), shape)
        n_centers, n_context = span.stop - span.first, span.high - span.low
        centers, context = change.center[span.row * width :], change.context[stretch]
        frozen = model.frozen_outside
        descend(model.outside, frozen, words, span.first, n_centers, width, columns, lr, centers)
        if n_centers:  # the context of an empty span has no gradient
            descend_means(model, words, span.low, n_context, width, columns, lr, context)
    words, frozen = change.noise_words, model.frozen_outside
    descend(model.outside, frozen, words, 0, shape.n_shared, width, columns, lr, change.noise)


# The parts of the gradient, in the order in which they are called.


@inlined
def average_windows(scratch: CbowScratch, draws: Draws, shape: Shape, span: Span) -> int:
    """hidden[i] = (1/n_i) Σ_j v_j, scratch.share[i] = 1/n_i; both are 0 for an empty window.

    Returns the number of windows that are not empty.
    """
    width, n_windows = shape.width, 0
    for place in range(span.first, span.stop):
        row = span.row + place - span.first
        left, right = draws.left[place], draws.right[place]
        n_outside = right - left - 1
        scratch.share[row] = _f32(0)
        if n_outside > 0:
            scratch.share[row] = _f32(1) / _f32(n_outside)
            n_windows += 1
        share = spread(scratch.share, row)
        d = 0
        while d < width:
            # Two vectors at a time; a last single one is done twice.
            e = LANES if d + LANES < width else 0
            s = t = fill(_f32(0))
            at = (left - span.low) * width + d
            for _ in range(left, place):
                s = s + load(scratch.context, at)
                t = t + load(scratch.context, at + e)
                at += width
            at += width  # the centre's own place
            for _ in range(place + 1, right):
                s = s + load(scratch.context, at)
                t = t + load(scratch.context, at + e)
                at += width
            store(scratch.hidden, row * width + d + e, share * t)
            store(scratch.hidden, row * width + d, share * s)
            d += 2 * LANES
    return n_windows


@inlined
def score_centers(scratch: CbowScratch, centers: Matrix, width: int, n_rows: int) -> None:
    """score[i] = u_i·h_i; places beyond the last row get a score without loss or gradient."""
    for row in range(n_rows):
        s = t = fill(_f32(0))
        d = row * width
        for _ in range(width // (2 * LANES)):
            s = fma(load(centers, d), load(scratch.hidden, d), s)
            t = fma(load(centers, d + LANES), load(scratch.hidden, d + LANES), t)
            d += 2 * LANES
        if d < (row + 1) * width:
            s = fma(load(centers, d), load(scratch.hidden, d), s)
        scratch.score[row] = total(s + t)
    for row in range(n_rows, (n_rows + LANES - 1) // LANES * LANES):
        scratch.score[row] = CERTAIN


@inlined
def leave_out(
    scratch: CbowScratch, draws: Draws, shape: Shape, span: Span, noise_words: Ids
) -> None:
    """Give no loss and no gradient to empty windows, nor to negatives that equal the centre."""
    n_shared = shape.n_shared
    for place in range(span.first, span.stop):
        row = span.row + place - span.first
        if scratch.share[row] == 0:
            scratch.score[row] = CERTAIN
            for s in range(row * n_shared, (row + 1) * n_shared, LANES):
                store(scratch.noise_score, s, fill(-CERTAIN))
        elif scratch.maybe_noise[draws.words[place] & 1023]:
            for s in range(n_shared):
                if noise_words[s] == draws.words[place]:
                    scratch.noise_score[row * n_shared + s] = -CERTAIN


@inlined
def losses(scratch: CbowScratch, shape: Shape, n_rows: int) -> float:
    """Turn the scores into ∂J/∂score; return J."""
    n_shared, zero = shape.n_shared, fill(_f32(0))
    loss = 0.0
    # The centres: −log σ(s), derivative σ(s) − 1 = −σ(−s).
    for i in range(0, n_rows, LANES):
        softplus, sigmoid = softplus_and_sigmoid(zero - load(scratch.score, i))
        store(scratch.score, i, zero - sigmoid)
        loss += total(softplus)
    # The negatives: −K/S log σ(−s), derivative K/S σ(s).
    share = _f32(shape.n_negatives) / _f32(n_shared)
    weight = fill(share)
    for row in range(n_rows):
        row_loss = zero
        for s in range(row * n_shared, (row + 1) * n_shared, LANES):
            softplus, sigmoid = softplus_and_sigmoid(load(scratch.noise_score, s))
            row_loss = fma(weight, softplus, row_loss)
            store(scratch.noise_score, s, weight * sigmoid)
        loss += total(row_loss)
    return loss


@inlined
def split_center_gradients(scratch: CbowScratch, centers: Matrix, width: int, n_rows: int) -> None:
    """grad_hidden[i] = g_i u_i; the gradient of u_i, g_i h_i + λ_i u_i, replaces u_i."""
    for row in range(n_rows):
        g, penalty = spread(scratch.score, row), spread(scratch.pull, row)
        for d in range(row * width, (row + 1) * width, LANES):
            u = load(centers, d)
            store(scratch.grad_hidden, d, g * u)
            store(centers, d, fma(penalty, u, g * load(scratch.hidden, d)))


@inlined
def share_out(
    scratch: CbowScratch, draws: Draws, shape: Shape, span: Span, grad_context: Matrix
) -> None:
    """grad_context[j] += Σ_i share[i] · grad_hidden[i] over the windows i that have j in them."""
    width = shape.width
    for place in range(span.first, span.stop):
        row = span.row + place - span.first
        left, right = draws.left[place], draws.right[place]
        share = spread(scratch.share, row)
        d = 0
        while d < width:
            # Two vectors at a time; a last single one is done twice, and both writes are the same.
            e = LANES if d + LANES < width else 0
            s = share * load(scratch.grad_hidden, row * width + d)
            t = share * load(scratch.grad_hidden, row * width + d + e)
            at = (left - span.low) * width + d
            for j in range(left, right):
                if j != place:
                    moved = load(grad_context, at) + s
                    store(grad_context, at + e, load(grad_context, at + e) + t)
                    store(grad_context, at, moved)
                at += width
            d += 2 * LANES
