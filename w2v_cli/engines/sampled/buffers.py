"""What the compiled functions pass round: sizes, tables, and the buffers that a thread works in.

Every array is allocated once, before training; matrices are flat float32 and start at a cache
line, rows are padded with zeros to a multiple of 16 floats.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v_cli.engines.settings import EngineSettings, NegativeSampling
from w2v_cli.text.encoded import EncodedCorpus
from w2v_cli.text.windows import alias_table, keep_prob, noise_distribution

CHUNK_TOKENS, SHARED_NEGATIVES = 64, 32
"""T and S of a chunk; measured in docs/performance.md."""

SPAN_TOKENS = 16
"""A chunk's tokens come from places all over the block, in spans of so many."""

ROUND_CHUNKS = 16
"""Most chunks of a round in deterministic mode; `ROUND_STEP` allows fewer at usual rates."""

CHUNK_STEP, ROUND_STEP = 2.0, 8.0
"""Bounds on the sum of `step_of_a_token` over a chunk and over a round."""

_GROUP = 8  # `product` does so many centres at a time

FLOATS_A_LINE = 16
_LARGEST_32_BITS = 2.0**32 - 1

Matrix = NDArray[np.float32]
"""Rows of floats; inside the compiled code flat, row i at i·width."""

Ids = NDArray[np.int32]
"""Numbers of words, and places in a block."""

Mask = NDArray[np.uint8]
"""1 for each word that something holds for."""


Counters = NDArray[np.int64]
Sums = NDArray[np.float64]
Vector = Any
"""LANES floats in a register; numba has no type for them, `lanes.py` makes one."""


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


def chunk_shape(settings: EngineSettings, counts: NDArray[np.int64]) -> Shape:
    """Sizes for a configuration and a vocabulary."""
    n_tokens = min(CHUNK_TOKENS, max(1, int(CHUNK_STEP / step_of_a_token(settings, counts))))
    n_spans = max(1, n_tokens // SPAN_TOKENS)
    span_tokens = n_tokens // n_spans
    return Shape(
        width=_round_up(settings.model.dim, FLOATS_A_LINE),
        window=settings.model.window,
        n_negatives=settings.objective_as(NegativeSampling).n_negatives,
        n_spans=n_spans,
        span_tokens=span_tokens // _GROUP * _GROUP or span_tokens,
        n_shared=SHARED_NEGATIVES,
        pair_width=_round_up(2 * settings.model.window + 1 + 3, FLOATS_A_LINE),
        smallest_radius=settings.model.radii[0],
    )


def round_chunks(settings: EngineSettings, counts: NDArray[np.int64], shape: Shape) -> int:
    """Chunks of a round in deterministic mode: a power of two, which threads share evenly."""
    most = int(ROUND_STEP / step_of_a_token(settings, counts)) // shape.n_tokens
    return 1 << (min(ROUND_CHUNKS, max(1, most)).bit_length() - 1)


def step_of_a_token(settings: EngineSettings, counts: NDArray[np.int64]) -> float:
    """Learning rate times the terms that a token adds, on average, to one outside vector.

    The most frequent word's is the largest: a token has `pairs_per_token` pairs, with CBOW one,
    each with that word as the one that is predicted or as one of its K negatives. Gradients of a
    chunk are summed at the parameters it began with, so many terms for one vector overshoot where
    single steps would not; small vocabularies, wide windows and many negatives therefore get
    shorter chunks.
    """
    model, objective = settings.model, settings.objective_as(NegativeSampling)
    kept = counts * keep_prob(counts, model.subsample_threshold)
    noise = noise_distribution(counts, objective.noise_power)
    share = float((kept / kept.sum() + objective.n_negatives * noise).max())
    n_pairs = 1 if settings.word_model.predicts_center else model.pairs_per_token
    return settings.training.lr * n_pairs * share


class Corpus(NamedTuple):
    """Tokens and the tables to draw from.

    tokens: uint32 (n,). document_ends: int64, rising.
    keep_limit: uint32 (V,), a token stays if 32 random bits are at most this.
    noise_limit uint32, noise_alias int32, both (V,): the alias table of the noise distribution,
    its own entry taken if 32 random bits are at most the limit.
    """

    tokens: NDArray[np.uint32]
    document_ends: NDArray[np.int64]
    keep_limit: NDArray[np.uint32]
    noise_limit: NDArray[np.uint32]
    noise_alias: Ids


def kernel_corpus(settings: EngineSettings, corpus: EncodedCorpus) -> Corpus:
    """Tokens and tables for a configuration."""
    counts = corpus.vocabulary.counts
    keep = keep_prob(counts, settings.model.subsample_threshold)
    power = settings.objective_as(NegativeSampling).noise_power
    limit, alias = alias_table(noise_distribution(counts, power))
    return Corpus(
        np.asarray(corpus.tokens, dtype=np.uint32),
        np.asarray(corpus.document_ends, dtype=np.int64),
        np.rint(keep * _LARGEST_32_BITS).astype(np.uint32),
        np.rint(limit * _LARGEST_32_BITS).astype(np.uint32),
        alias,
    )


class Draws(NamedTuple):
    """The kept tokens of a block, int32: their ids, first and end place of each one's window."""

    words: Ids
    left: Ids
    right: Ids


def new_draws(block_tokens: int) -> Draws:
    """Room for the largest block."""
    return Draws(*np.zeros((3, block_tokens), np.int32))


class Span(NamedTuple):
    """Places in a block: centres first..stop − 1, their context low..high − 1.

    row: of the first centre among those of the chunk.
    """

    first: int
    stop: int
    low: int
    high: int
    row: int


class Scratch(NamedTuple):
    """What a thread computes gradients from and in.

    center (T, width), noise (S, width), and of a span context (t + 2·window, width): copies of
    rows; T is rounded up to a multiple of 8, t are the tokens of a span.
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
    n, width, n_shared = _round_up(shape.n_tokens, _GROUP), shape.width, shape.n_shared
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
    """What a thread computes gradients of CBOW from and in.

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
    n, width, n_shared = _round_up(shape.n_tokens, _GROUP), shape.width, shape.n_shared
    return CbowScratch(
        hidden=aligned_zeros(n * width),
        grad_hidden=aligned_zeros(n * width),
        score=aligned_zeros(_round_up(n, FLOATS_A_LINE)),
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

    noise_words: int32 (S,), the negatives. Each array has this for every chunk of a round.
    """

    center: Matrix
    context: Matrix
    noise: Matrix
    noise_words: Ids


def new_changes(shape: Shape, n: int) -> Change:
    """Room for the gradients of n chunks."""
    n_context = shape.span_tokens + 2 * shape.window
    return Change(
        aligned_zeros(n, _round_up(shape.n_tokens, _GROUP) * shape.width),
        aligned_zeros(n, shape.n_spans, n_context * shape.width),
        aligned_zeros(n, shape.n_shared * shape.width),
        np.zeros((n, shape.n_shared), np.int32),
    )


def aligned_zeros(*shape: int) -> Matrix:
    """Float32 zeros that start at a cache line: vectors that cross one load at half speed."""
    size = int(np.prod(shape))
    memory = np.zeros(size + FLOATS_A_LINE, np.float32)
    start = -memory.ctypes.data // 4 % FLOATS_A_LINE
    return memory[start : start + size].reshape(shape)


def _round_up(n: int, step: int) -> int:
    return -(-n // step) * step


# The parameters of a training, as the compiled functions take them.


class Rows(NamedTuple):
    """Which rows of the centre matrix each word has.

    start: int64 (V + 1,), empty where each word has the row of its own number. rows: int32, word w
    has `rows[start[w] : start[w + 1]]`. share: float32 (V,), what each row of a word gets of the
    gradient of its centre vector.
    """

    start: NDArray[np.int64]
    rows: Ids
    share: NDArray[np.float32]


class Model(NamedTuple):
    """The parameters.

    center, outside: vectors, flat, (n_rows · width,) and (V · width,). pull: float32 (V,), what a
    token adds of both vectors of its word to their gradients (`penalty.pull_of_a_token`).
    frozen_center, frozen_outside: uint8 (V,), 1 for a word whose vector may not move; empty where
    all may. rows: of the centre matrix, which each word has.
    """

    center: Matrix
    outside: Matrix
    pull: Matrix
    frozen_center: Mask
    frozen_outside: Mask
    rows: Rows


class CbowModel(Model):
    """The same for CBOW: its type says what is compiled (`gradient.py`)."""


def free_model(
    kind: type[Model],
    center: Matrix,
    outside: Matrix,
    pull: Matrix,
    rows: Rows | None = None,
) -> Model:
    """Parameters that all may move; (n_rows, width) and (V, width)."""
    all_free = np.zeros(0, np.uint8)
    one_each = Rows(np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32))
    matrices = center.reshape(-1), outside.reshape(-1)
    return kind(*matrices, pull, all_free, all_free, rows or one_each)
