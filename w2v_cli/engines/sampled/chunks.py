"""One chunk: which tokens it takes, its gradient, and the step it makes."""

from w2v_cli.compiled import inlined
from w2v_cli.engines.sampled.buffers import (
    CbowScratch,
    Change,
    Draws,
    Ids,
    Scratch,
    Shape,
    Span,
)
from w2v_cli.engines.sampled.gradients import (
    add_pair_gradients,
    add_penalty,
    losses,
    score_pairs,
    weigh_noise,
)
from w2v_cli.engines.sampled.model import Model
from w2v_cli.engines.sampled.products import clear, descend, gather, product, turn
from w2v_cli.engines.sampled.rows import descend_means, gather_means


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
