"""What the compiled functions pass round: parameters, tables, and the memory of a thread.

Every array is allocated once, before training; matrices are flat float32 and start at a cache
line, rows are padded with zeros to a multiple of 16 floats.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v_cli.corpus.encoded import EncodedCorpus
from w2v_cli.corpus.sampling import alias_table, keep_prob, noise_distribution
from w2v_cli.engines.losses import NegativeSampling
from w2v_cli.engines.sampled.sizes import FLOATS_A_LINE, GROUP, Shape, round_up
from w2v_cli.engines.settings import EngineSettings

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


class Model(NamedTuple):
    """The parameters.

    center, outside: vectors, flat, (V · width,) each. frozen_center, frozen_outside: uint8 (V,),
    1 for a word whose vector may not move; empty where all may.
    """

    center: Matrix
    outside: Matrix
    frozen_center: Mask
    frozen_outside: Mask


class CbowModel(Model):
    """The same for CBOW: its type says what is compiled (`gradient.py`)."""


def free_model(kind: type[Model], center: Matrix, outside: Matrix) -> Model:
    """Parameters that all may move; (V, width) each."""
    all_free = np.zeros(0, np.uint8)
    return kind(center.reshape(-1), outside.reshape(-1), all_free, all_free)


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
    """What a thread computes gradients of CBOW from and in.

    hidden, grad_hidden (T, width): h_i and ∂J/∂h_i. score (T,): of h_i with its centre, then
    ∂J/∂score; T is rounded up to whole vectors. share (T,): 1/n_i. The others as in `Scratch`.
    """

    hidden: Matrix
    grad_hidden: Matrix
    score: Matrix
    share: Matrix
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
        aligned_zeros(n, round_up(shape.n_tokens, GROUP) * shape.width),
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
