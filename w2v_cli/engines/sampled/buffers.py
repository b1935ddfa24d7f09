"""The types of the compiled functions: sizes, parameters, draws, and the buffers of a thread.

Every array is allocated once, before training. Matrices are flat float32 and start at a cache
line. Rows are padded with zeros to a multiple of 16 floats.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

GROUP = 8
"""`product` computes this many centres at a time."""

FLOATS_A_LINE = 16
"""float32 in a cache line of 64 bytes."""

Matrix = NDArray[np.float32]
"""Rows of floats; inside the compiled code flat, row i at i·width."""

Ids = NDArray[np.int32]
"""Ids of words, or places in a block."""

Mask = NDArray[np.uint8]
"""1 for each word to which something applies."""

Counters = NDArray[np.int64]
Sums = NDArray[np.float64]


# Sizes, corpus and parameters.


class Shape(NamedTuple):
    """Sizes of a chunk.

    width: floats of a padded row, a multiple of 16. window: largest radius. n_negatives: K.
    smallest_radius: radii are drawn from this to window.
    n_spans spans of span_tokens centres make the T centres of a chunk. n_shared: S, its
    negatives, a multiple of 16. pair_width: floats for the scores of one window, rounded up for
    vectors and groups of four.
    """

    width: int
    window: int
    n_negatives: int
    n_spans: int
    span_tokens: int
    n_shared: int
    pair_width: int
    smallest_radius: int

    @property
    def n_tokens(self) -> int:
        """T, the centres of a chunk."""
        return self.n_spans * self.span_tokens


class Corpus(NamedTuple):
    """Tokens and the tables to draw from.

    tokens: uint32 (n,). document_ends: int64, rising.
    keep_limit: uint32 (V,); a token is kept if 32 random bits are at most this.
    noise_limit uint32, noise_alias int32, both (V,): the alias table of the noise distribution;
    an entry stands for its own word if 32 random bits are at most the limit.
    """

    tokens: NDArray[np.uint32]
    document_ends: NDArray[np.int64]
    keep_limit: NDArray[np.uint32]
    noise_limit: NDArray[np.uint32]
    noise_alias: Ids


class Rows(NamedTuple):
    """Which rows of the centre matrix each word has.

    start: int64 (V + 1,); empty if each word has one row, that of its id. rows: int32; word w
    has `rows[start[w] : start[w + 1]]`.
    """

    start: NDArray[np.int64]
    rows: Ids


class Model(NamedTuple):
    """The parameters.

    center, outside: vectors, flat, (n_rows · width,) and (V · width,). pull: float32 (V,), the λ of
    a token: it adds λ times both vectors of its word to their gradients, for the penalty of `--l2`
    (`engine.pull_of_a_token`). frozen_center, frozen_outside: uint8 (V,), 1 for a word whose vector
    must not move; empty if all may. rows: the rows of the centre matrix that each word has.
    """

    center: Matrix
    outside: Matrix
    pull: Matrix
    frozen_center: Mask
    frozen_outside: Mask
    rows: Rows


class CbowModel(Model):
    """The same for CBOW: the type selects what is compiled (`block.by_model`)."""


def free_model(
    kind: type[Model], center: Matrix, outside: Matrix, pull: Matrix, rows: Rows | None = None
) -> Model:
    """Return parameters without frozen vectors, from (n_rows, width) and (V, width)."""
    all_free = np.zeros(0, np.uint8)
    one_each = Rows(np.zeros(0, np.int64), np.zeros(0, np.int32))
    matrices = center.reshape(-1), outside.reshape(-1)
    return kind(*matrices, pull, all_free, all_free, rows or one_each)


class Training(NamedTuple):
    """What all threads share: the parameters, the corpus and the sizes."""

    model: Model
    corpus: Corpus
    shape: Shape


# A unit of work, and what is drawn for it.


class Block(NamedTuple):
    """The tokens start..stop − 1, and the key of their draws: (seed, epoch, number)."""

    start: int
    stop: int
    seed: int
    epoch: int
    number: int


class Draws(NamedTuple):
    """The kept tokens of a block, int32: word ids; the window of each, places left..right − 1."""

    words: Ids
    left: Ids
    right: Ids


def new_draws(block_tokens: int) -> Draws:
    """Room for the largest block."""
    return Draws(*np.zeros((3, block_tokens), np.int32))


class Span(NamedTuple):
    """Places in a block: centres first..stop − 1, their context low..high − 1.

    row: the number of the first centre among those of the chunk.
    """

    first: int
    stop: int
    low: int
    high: int
    row: int


# The memory that a thread computes in.


class Scratch(NamedTuple):
    """The buffers in which a thread computes gradients.

    center (T, width), noise (S, width), and of a span context (t + 2·window, width): copies of
    rows; T is rounded up to a multiple of 8; t: tokens of a span.
    noise_columns (width, S): noise transposed. pair (T, pair_width), noise_score (T, S): scores,
    then ∂J/∂score. weight (T, S): a_is. maybe_noise: uint8 (1024,), marks negatives by low bits.
    mask: pair_width ones, then zeros.
    """

    center: Matrix
    context: Matrix
    noise: Matrix
    noise_columns: Matrix
    pair: Matrix
    noise_score: Matrix
    weight: Matrix
    maybe_noise: NDArray[np.uint8]
    mask: Matrix


def new_scratch(shape: Shape) -> Scratch:
    """Room for the gradients of one chunk."""
    n, width, n_shared = round_up(shape.n_tokens, GROUP), shape.width, shape.n_shared
    mask = aligned_zeros(2 * shape.pair_width)
    mask[: shape.pair_width] = 1
    return Scratch(
        center=aligned_zeros(n * width),
        context=aligned_zeros((shape.span_tokens + 2 * shape.window) * width),
        noise=aligned_zeros(n_shared * width),
        noise_columns=aligned_zeros(n_shared * width),
        pair=aligned_zeros(n * shape.pair_width),
        noise_score=aligned_zeros(n * n_shared),
        weight=aligned_zeros(n * n_shared),
        maybe_noise=np.zeros(1024, np.uint8),
        mask=mask,
    )


class CbowScratch(NamedTuple):
    """The buffers in which a thread computes gradients of CBOW.

    hidden, grad_hidden (T, width): h_i and ∂J/∂h_i. score (T,): of h_i with its centre, then
    ∂J/∂score; T is rounded up to whole vectors. share (T,): 1/n_i. pull (T,): of the centre words.
    The others as in `Scratch`.
    """

    hidden: Matrix
    grad_hidden: Matrix
    score: Matrix
    share: Matrix
    pull: Matrix
    context: Matrix
    noise: Matrix
    noise_columns: Matrix
    noise_score: Matrix
    maybe_noise: NDArray[np.uint8]


def new_cbow_scratch(shape: Shape) -> CbowScratch:
    """Room for the gradients of one chunk of CBOW."""
    n, width, n_shared = round_up(shape.n_tokens, GROUP), shape.width, shape.n_shared
    return CbowScratch(
        hidden=aligned_zeros(n * width),
        grad_hidden=aligned_zeros(n * width),
        score=aligned_zeros(round_up(n, FLOATS_A_LINE)),
        share=aligned_zeros(n),
        pull=aligned_zeros(n),
        context=aligned_zeros((shape.span_tokens + 2 * shape.window) * width),
        noise=aligned_zeros(n_shared * width),
        noise_columns=aligned_zeros(n_shared * width),
        noise_score=aligned_zeros(n * n_shared),
        maybe_noise=np.zeros(1024, np.uint8),
    )


class Change(NamedTuple):
    """The gradient of a chunk by rows: center (T, width), context of every span
    (t + 2·window, width), noise (S, width).

    noise_words: int32 (S,), the negatives. For a round each array has one such entry per chunk.
    """

    center: Matrix
    context: Matrix
    noise: Matrix
    noise_words: Ids


def new_changes(shape: Shape, n: int) -> Change:
    """Room for the gradients of n chunks."""
    n_context = shape.span_tokens + 2 * shape.window
    return Change(
        aligned_zeros(n, round_up(shape.n_tokens, GROUP) * shape.width),
        aligned_zeros(n, shape.n_spans, n_context * shape.width),
        aligned_zeros(n, shape.n_shared * shape.width),
        np.zeros((n, shape.n_shared), np.int32),
    )


class Memory(NamedTuple):
    """What a thread needs to train blocks. changes: of a round; threads in step share them."""

    draws: Draws
    scratch: Scratch | CbowScratch
    changes: Change


class Team(NamedTuple):
    """Where the threads of a deterministic training meet.

    meeting, int64 (2,): threads that have arrived, blocks that have begun. counters, int64, four a
    round: chunks taken, chunks done, parts taken, parts done. sums, float64 (2, chunks): loss and
    pairs of each chunk. n_before: blocks done before this one.
    """

    meeting: Counters
    counters: Counters
    sums: Sums
    n_threads: int
    n_before: int


def new_team(n_chunks: int, n_threads: int) -> Team:
    """Room for the chunks of the largest block."""
    counters = np.zeros(4 * n_chunks, np.int64)
    return Team(np.zeros(2, np.int64), counters, np.zeros((2, n_chunks)), n_threads, 0)


def aligned_zeros(*shape: int) -> Matrix:
    """Return float32 zeros that start at a cache line: vectors across two load at half speed."""
    size = int(np.prod(shape))
    memory = np.zeros(size + FLOATS_A_LINE, np.float32)
    start = -memory.ctypes.data // 4 % FLOATS_A_LINE
    return memory[start : start + size].reshape(shape)


def round_up(n: int, step: int) -> int:
    """Return the smallest multiple of `step` that is at least n."""
    return -(-n // step) * step
