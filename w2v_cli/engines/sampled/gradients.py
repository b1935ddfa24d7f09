"""Losses and gradients of one span: its scores, the weights of its negatives, ∂J/∂score."""

import numpy as np

from w2v_cli.compiled import inlined
from w2v_cli.engines.sampled.buffers import Draws, Ids, Matrix, Scratch, Shape, Span, Vector
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
from w2v_cli.engines.sampled.products import clear

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
