"""The step of a chunk: the losses and gradients of its pairs and negatives, and the descent.

This is `equations/negative_sampling.py` for all pairs of a chunk at once; read it from the top. A
comment `equations: …` quotes the line there that the code below it computes. There v_c is one
centre vector; here `center` has those of T centres. u_o is a row of `context`, the outside vectors
around the centres of a span. The u_k are the rows of `noise`. All centres share them, so dense
products take the place of the loop over k.

`__init__.py` has the formulas, `cbow_step.py` the same for CBOW. `block.train_block` calls the two
functions at the top; `buffers.py` explains their arguments. `products.py` and `lanes.py` are tools
that know nothing of losses.
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
    Scratch,
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
    turn,
)

_f32 = np.float32

CERTAIN = _f32(80)
"""A score so large that its loss and its gradient are both below 1e-34."""


@inlined
def skip_gram_gradient(
    model: Model, shape: Shape, draws: Draws, chunk: int, scratch: Scratch, change: Change
) -> tuple[float, int]:
    """Fill `change` with the gradients of a chunk; return J and the number of pairs.

    change.noise_words has the negatives. All gradients are taken at the parameters that the chunk
    began with.
    """
    width, n_shared, score = shape.width, shape.n_shared, scratch.noise_score
    center, noise, columns = scratch.center, scratch.noise, scratch.noise_columns
    # Copies of the vectors: other threads may move the originals meanwhile.
    n_rows = gather_centers(model, shape, draws, chunk, scratch)
    gather_noise(model, shape, change.noise_words, scratch)
    # The scores of all centres with all negatives: score (T, S) = center · noiseᵀ.
    # equations: scores = U_s @ v_c
    clear(score, (n_rows + 7) // 8 * 8 * n_shared)
    product(center, width, 1, columns, n_shared, score, n_shared, n_rows, n_shared, width)
    # The pairs, span by span. On the way both kinds of scores become ∂J/∂score.
    clear(change.center, (n_rows + 7) // 8 * 8 * width)
    loss, n_pairs = 0.0, 0
    for stretch in range(shape.n_spans):
        span = span_of(chunk, stretch, len(draws.words), shape)
        gather(model.outside, draws.words, span.low, span.high - span.low, width, scratch.context)
        # equations: u_o @ v_c
        score_pairs(scratch, draws, shape, span)
        # equations: for k in negatives:
        n_pairs += weigh_noise(scratch, draws, shape, span, change.noise_words)
        # equations: loss = -log_sigmoid(np.where(label == 1.0, scores, -scores)).sum()
        # equations: g = sigmoid(scores) - label
        loss += losses(scratch, draws, shape, span)
        # equations: grad_center = (sigmoid(u_o @ v_c) - 1.0) * u_o
        # equations: grad_outside[o] += (sigmoid(u_o @ v_c) - 1.0) * v_c
        grad_context = change.context[stretch]
        add_pair_gradients(scratch, draws, shape, span, change.center, grad_context)
        # Not in the equations: the penalty of --l2.
        pull, inside = model.pull, span.first - span.low
        add_penalty(pull, draws, span, width, center, span.row, change.center, span.row)
        add_penalty(pull, draws, span, width, scratch.context, inside, grad_context, inside)
    # The negatives' gradients. To the centres: change.center += score · noise.
    # equations: grad_center = grad_center + sigmoid(u_k @ v_c) * u_k
    product(score, n_shared, 1, noise, width, change.center, width, n_rows, width, n_shared)
    # To the negatives: change.noise = scoreᵀ · center.
    # equations: grad_outside[k] += sigmoid(u_k @ v_c) * v_c
    clear(change.noise, n_shared * width)
    product(score, 1, n_shared, center, width, change.noise, width, n_shared, width, n_rows)
    return loss, n_pairs


@inlined
def apply_skip_gram(
    model: Model,
    shape: Shape,
    draws: Draws,
    chunk: int,
    columns: tuple[int, int],
    lr: float,
    change: Change,
) -> None:
    """Move the parameters, in the columns from..to − 1, against the gradient of a chunk.

    Rows move one after another, so a word that the chunk has twice gets the sum of its gradients.
    """
    width, words = shape.width, draws.words
    for stretch in range(shape.n_spans):
        span = span_of(chunk, stretch, len(words), shape)
        n_centers, n_context = span.stop - span.first, span.high - span.low
        centers, context = change.center[span.row * width :], change.context[stretch]
        descend_means(model, words, span.first, n_centers, width, columns, lr, centers)
        if n_centers:  # the context of an empty span has no gradient
            frozen = model.frozen_outside
            descend(model.outside, frozen, words, span.low, n_context, width, columns, lr, context)
    words, frozen = change.noise_words, model.frozen_outside
    descend(model.outside, frozen, words, 0, shape.n_shared, width, columns, lr, change.noise)


# The parts of the gradient, in the order in which they are called.


@inlined
def gather_centers(model: Model, shape: Shape, draws: Draws, chunk: int, scratch: Scratch) -> int:
    """Copy the centre vectors of the chunk; return their number."""
    n_rows = 0
    for stretch in range(shape.n_spans):
        span = span_of(chunk, stretch, len(draws.words), shape)
        rows = scratch.center[span.row * shape.width :]
        n_centers = span.stop - span.first
        gather_means(model, draws.words, span.first, n_centers, shape.width, rows)
        n_rows += n_centers
    return n_rows


@inlined
def gather_noise(
    model: Model, shape: Shape, noise_words: Ids, scratch: Scratch | CbowScratch
) -> None:
    """Copy the rows of the chunk's negatives, transpose them, mark the low bits of their words."""
    width, n_shared = shape.width, shape.n_shared
    gather(model.outside, noise_words, 0, n_shared, width, scratch.noise)
    turn(scratch.noise, n_shared, width, scratch.noise_columns)
    scratch.maybe_noise[:] = 0
    for s in range(n_shared):
        scratch.maybe_noise[noise_words[s] & 1023] = 1


@inlined
def score_pairs(scratch: Scratch, draws: Draws, shape: Shape, span: Span) -> None:
    """pair[i, j] = u·v_i for the j-th word of window i.

    The centre's own place is no pair: `CERTAIN` gives it no loss and no gradient.
    """
    width, columns = shape.width, shape.pair_width
    for place in range(span.first, span.stop):
        row = span.row + place - span.first
        left, last = draws.left[place], draws.right[place] - 1
        # Four words at a time. Beyond the window's end its last word is scored again; `losses`
        # ignores these scores.
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
        scratch.pair[row * columns + place - left] = CERTAIN


@inlined
def weigh_noise(scratch: Scratch, draws: Draws, shape: Shape, span: Span, noise_words: Ids) -> int:
    """weight[i, s] = K/S · (n_i − #{outside words of i equal to w_s}); returns Σ n_i.

    S shared negatives stand for the K draws of each of the n_i pairs of a centre; a draw that is
    the pair's own outside word is skipped.
    """
    n_shared, shift = shape.n_shared, span.row - span.first
    share = _f32(shape.n_negatives) / _f32(n_shared)
    # As if no negative were an outside word ...
    n_pairs = 0
    for i in range(span.first, span.stop):
        n_outside = draws.right[i] - draws.left[i] - 1
        n_pairs += n_outside
        for s in range(0, n_shared, LANES):
            store(scratch.weight, (i + shift) * n_shared + s, fill(_f32(n_outside) * share))
    # ... then subtract K/S in each window that contains the word of a negative. Few words of a span
    # are negatives; a table of low bits finds the candidates.
    for j in range(span.low, span.high):
        if scratch.maybe_noise[draws.words[j] & 1023]:
            for s in range(n_shared):
                if noise_words[s] == draws.words[j]:
                    first = max(span.first, j - shape.window)
                    for i in range(first, min(span.stop, j + shape.window + 1)):
                        if i != j and draws.left[i] <= j < draws.right[i]:
                            scratch.weight[(i + shift) * n_shared + s] -= share
    return n_pairs


@inlined
def losses(scratch: Scratch, draws: Draws, shape: Shape, span: Span) -> float:
    """Turn the scores into ∂J/∂score; return J."""
    columns, n_shared = shape.pair_width, shape.n_shared
    zero = fill(_f32(0))
    loss = 0.0
    for place in range(span.first, span.stop):
        row = span.row + place - span.first
        n = draws.right[place] - draws.left[place]
        row_loss = zero
        # Pairs, label 1: J = −log σ(s) = softplus(−s), ∂J/∂s = σ(s) − 1 = −σ(−s). The mask drops
        # the places past the window.
        for j in range(0, n, LANES):
            at = row * columns + j
            softplus, sigmoid = softplus_and_sigmoid(zero - load(scratch.pair, at))
            row_loss = fma(load(scratch.mask, columns - n + j), softplus, row_loss)
            store(scratch.pair, at, zero - sigmoid)
        # Negatives, label 0, counted a times: J = −a log σ(−s) = a softplus(s), ∂J/∂s = a σ(s).
        for s in range(row * n_shared, (row + 1) * n_shared, LANES):
            weight = load(scratch.weight, s)
            softplus, sigmoid = softplus_and_sigmoid(load(scratch.noise_score, s))
            row_loss = fma(weight, softplus, row_loss)
            store(scratch.noise_score, s, weight * sigmoid)
        loss += total(row_loss)
    return loss


@inlined
def add_pair_gradients(
    scratch: Scratch,
    draws: Draws,
    shape: Shape,
    span: Span,
    grad_center: Matrix,
    grad_context: Matrix,
) -> None:
    """grad_center[i] += Σ_j g_ij u_j;  grad_context[j] = Σ_i g_ij v_i, with g_ij = pair[i, j]."""
    width, columns = shape.width, shape.pair_width
    clear(grad_context, (span.high - span.low) * width)
    for place in range(span.first, span.stop):
        row = span.row + place - span.first
        left, right = draws.left[place], draws.right[place]
        d = 0
        while d < width:
            # Two vectors at a time. A last single one is done twice, with e = 0: both writes to it
            # are the same.
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


@inlined
def add_penalty(
    pull: Matrix,
    draws: Draws,
    span: Span,
    width: int,
    vectors: Matrix,
    first: int,
    gradients: Matrix,
    to: int,
) -> None:
    """gradients[to + i] += λ_i vectors[first + i] for centre i of a span; λ from `pull`."""
    for place in range(span.first, span.stop):
        share = pull[draws.words[place]]
        if share:  # most tokens are of frequent words, which have none
            penalty = fill(share)
            i = place - span.first
            source, target = (first + i) * width, (to + i) * width
            for d in range(0, width, LANES):
                moved = fma(penalty, load(vectors, source + d), load(gradients, target + d))
                store(gradients, target + d, moved)
