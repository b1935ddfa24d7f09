"""One chunk: which tokens it takes, its gradient, and the step it makes."""

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
    Vector,
)
from w2v_cli.engines.sampled.lanes import (
    LANES,
    fill,
    fma,
    load,
    nearest,
    power_of_two,
    spread,
    store,
    total,
    where_less,
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

# Losses and gradients of one span: its scores, the weights of its negatives, ∂J/∂score.


_f32 = np.float32


@inlined
def softplus_and_sigmoid(z: Vector) -> tuple[Vector, Vector]:
    """log(1 + e^z) and σ(z), relative errors below 1e-5; NaN stays NaN.

    With e = e^(−|z|): softplus = max(z, 0) + log(1 + e), σ = 1/(1 + e) or e/(1 + e). The
    exponential is 2^k times a Taylor polynomial on ±log(2)/2, log(1 + e)/e a Chebyshev fit on 0..1.
    """
    zero, one, floor = fill(_f32(0)), fill(_f32(1)), fill(_f32(-80))
    x = where_less(z, zero, z, zero - z)  # −|z|, NaN stays
    x = where_less(x, floor, floor, x) * fill(_f32(1.4426950408889634))
    k = nearest(x)  # 2^x = 2^k · 2^(x − k)
    x = x - k
    e = fma(fill(_f32(0.0013333558146428443)), x, fill(_f32(0.009618129107628477)))
    e = fma(e, x, fill(_f32(0.05550410866482158)))
    e = fma(e, x, fill(_f32(0.2402265069591007)))
    e = fma(e, x, fill(_f32(0.6931471805599453)))
    e = fma(e, x, one) * power_of_two(k)
    # e is e^(−|z|) now; q · e is log(1 + e)
    q = fma(fill(_f32(0.014202825621278637)), e, fill(_f32(-0.06658804993600906)))
    q = fma(q, e, fill(_f32(0.14943458362570003)))
    q = fma(q, e, fill(_f32(-0.2351486375413125)))
    q = fma(q, e, fill(_f32(0.33112051909773427)))
    q = fma(q, e, fill(_f32(-0.4998719159347636)))
    q = fma(q, e, fill(_f32(0.9999987635044443)))
    inverse = one / (one + e)
    sigmoid = where_less(z, zero, e * inverse, inverse)
    return fma(q, e, where_less(z, zero, zero, z)), sigmoid


@inlined
def score_pairs(scratch: Scratch, draws: Draws, shape: Shape, span: Span) -> None:
    """pair[i, j] = u·v_i for the j-th word of window i. The centre's own place is no pair: a
    score of 80 gives it no loss and no gradient (both below 1e-34).
    """
    width, columns = shape.width, shape.pair_width
    for place in range(span.first, span.stop):
        row = span.row + place - span.first
        left, last = draws.left[place], draws.right[place] - 1
        # Four words at a time; beyond the window's end its last word is scored again, and `losses`
        # does not look there.
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


@inlined
def weigh_noise(scratch: Scratch, draws: Draws, shape: Shape, span: Span, noise_words: Ids) -> int:
    """weight[i, s] = K/S · (n_i − #{outside words of i equal to w_s}); returns Σ n_i.

    Few words of a span are among the negatives: a table of low bits finds the candidates.
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
    # ... less K/S for each window that the word of a negative is in.
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
        # Pairs: −log σ(s), derivative σ(s) − 1 = −σ(−s). The mask drops the vector's last places.
        for j in range(0, n, LANES):
            at = row * columns + j
            softplus, sigmoid = softplus_and_sigmoid(zero - load(scratch.pair, at))
            row_loss = fma(load(scratch.mask, columns - n + j), softplus, row_loss)
            store(scratch.pair, at, zero - sigmoid)
        # Negatives: −a log σ(−s), derivative a σ(s).
        for s in range(row * n_shared, (row + 1) * n_shared, LANES):
            weight = load(scratch.weight, s)
            softplus, sigmoid = softplus_and_sigmoid(load(scratch.noise_score, s))
            row_loss = fma(weight, softplus, row_loss)
            store(scratch.noise_score, s, weight * sigmoid)
        loss += total(row_loss)
    return loss


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


@inlined
def add_pair_gradients(
    scratch: Scratch,
    draws: Draws,
    shape: Shape,
    span: Span,
    grad_center: Matrix,
    grad_context: Matrix,
) -> None:
    """grad_center[i] += Σ_j pair[i, j] u_j;  grad_context[j] = Σ_i pair[i, j] v_i."""
    width, columns = shape.width, shape.pair_width
    clear(grad_context, (span.high - span.low) * width)
    for place in range(span.first, span.stop):
        row = span.row + place - span.first
        left, right = draws.left[place], draws.right[place]
        d = 0
        while d < width:
            # Two vectors at a time. A last single one is done twice, with a step of zero: both
            # writes to it are the same.
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


# One chunk: which tokens it takes, its gradient, and the step it makes.


@inlined
def n_chunks_of(n: int, shape: Shape) -> int:
    """Chunks of a block of n kept tokens."""
    length = (n + shape.n_spans - 1) // shape.n_spans
    return (length + shape.span_tokens - 1) // shape.span_tokens


@inlined
def span_of(chunk: int, stretch: int, n: int, shape: Shape) -> Span:
    """The span that a chunk takes from a stretch of a block of n kept tokens; it may be empty.

    Stretch p is the places p·length up to (p + 1)·length; the last one may be shorter, and where
    the block has few tokens, empty.
    """
    length = (n + shape.n_spans - 1) // shape.n_spans
    first, stop, row = 0, 0, 0  # of the stretches so far; row counts the chunk's centres
    for p in range(stretch + 1):
        row += stop - first
        end = min(n, (p + 1) * length)
        first = min(end, p * length + chunk * shape.span_tokens)
        stop = min(end, first + shape.span_tokens)
    return Span(first, stop, max(0, first - shape.window), min(n, stop + shape.window), row)


@inlined
def gather_centers(
    model: Model, shape: Shape, draws: Draws, n: int, chunk: int, scratch: Scratch
) -> int:
    """Copy the centre vectors of the chunk; return their number."""
    n_rows = 0
    for stretch in range(shape.n_spans):
        span = span_of(chunk, stretch, n, shape)
        rows = scratch.center[span.row * shape.width :]
        n_centers = span.stop - span.first
        gather_means(model, draws.words, span.first, n_centers, shape.width, rows)
        n_rows += n_centers
    return n_rows


@inlined
def gather_noise(
    model: Model, shape: Shape, noise_words: Ids, scratch: Scratch | CbowScratch
) -> None:
    """Copy the rows of the chunk's negatives, transpose them, mark their words' low ten bits."""
    width, n_shared = shape.width, shape.n_shared
    gather(model.outside, noise_words, 0, n_shared, width, scratch.noise)
    turn(scratch.noise, n_shared, width, scratch.noise_columns)
    scratch.maybe_noise[:] = 0
    for s in range(n_shared):
        scratch.maybe_noise[noise_words[s] & 1023] = 1


@inlined
def skip_gram_gradient(
    model: Model, shape: Shape, draws: Draws, n: int, chunk: int, scratch: Scratch, change: Change
) -> tuple[float, int]:
    """Fill `change` with the gradients of a chunk at its negatives; return J and its pairs."""
    width, n_shared, score = shape.width, shape.n_shared, scratch.noise_score
    center, noise, columns = scratch.center, scratch.noise, scratch.noise_columns
    # Copies of the rows: other threads may move the originals meanwhile.
    n_rows = gather_centers(model, shape, draws, n, chunk, scratch)
    gather_noise(model, shape, change.noise_words, scratch)
    # Scores of all centres against all negatives: score (T, S) = center · noiseᵀ.
    clear(score, (n_rows + 7) // 8 * 8 * n_shared)
    product(center, width, 1, columns, n_shared, score, n_shared, n_rows, n_shared, width)
    # Span by span: the pairs' scores and gradients; score becomes ∂J/∂score.
    clear(change.center, (n_rows + 7) // 8 * 8 * width)
    loss, n_pairs = 0.0, 0
    for stretch in range(shape.n_spans):
        span = span_of(chunk, stretch, n, shape)
        gather(model.outside, draws.words, span.low, span.high - span.low, width, scratch.context)
        score_pairs(scratch, draws, shape, span)
        n_pairs += weigh_noise(scratch, draws, shape, span, change.noise_words)
        loss += losses(scratch, draws, shape, span)
        grad_context = change.context[stretch]
        add_pair_gradients(scratch, draws, shape, span, change.center, grad_context)
        pull, inside = model.pull, span.first - span.low
        add_penalty(pull, draws, span, width, center, span.row, change.center, span.row)
        add_penalty(pull, draws, span, width, scratch.context, inside, grad_context, inside)
    # The negatives' gradients: to the centres, score · noise; to the negatives, scoreᵀ · center.
    product(score, n_shared, 1, noise, width, change.center, width, n_rows, width, n_shared)
    clear(change.noise, n_shared * width)
    product(score, 1, n_shared, center, width, change.noise, width, n_shared, width, n_rows)
    return loss, n_pairs


@inlined
def apply_skip_gram(
    model: Model,
    shape: Shape,
    draws: Draws,
    n: int,
    chunk: int,
    columns: tuple[int, int],
    lr: float,
    change: Change,
) -> None:
    """Move the parameters, in the columns from..to − 1, against the gradient of a chunk.

    Row after row: a word that the chunk has more than once gets the sum of its gradients.
    """
    width, words = shape.width, draws.words
    for stretch in range(shape.n_spans):
        span = span_of(chunk, stretch, n, shape)
        n_centers, n_context = span.stop - span.first, span.high - span.low
        centers, context = change.center[span.row * width :], change.context[stretch]
        descend_means(model, words, span.first, n_centers, width, columns, lr, centers)
        if n_centers:  # the context of an empty span has no gradient
            frozen = model.frozen_outside
            descend(model.outside, frozen, words, span.low, n_context, width, columns, lr, context)
    words, frozen = change.noise_words, model.frozen_outside
    descend(model.outside, frozen, words, 0, shape.n_shared, width, columns, lr, change.noise)
