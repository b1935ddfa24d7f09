"""How large a chunk is, and a round of chunks in deterministic mode."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v_cli.corpus.sampling import keep_prob, noise_distribution
from w2v_cli.engines.losses import NegativeSampling
from w2v_cli.engines.settings import EngineSettings

CHUNK_TOKENS, SHARED_NEGATIVES = 64, 32
"""T and S of a chunk; measured in docs/performance.md."""

SPAN_TOKENS = 16
"""A chunk's tokens come from places all over the block, in spans of so many."""

ROUND_CHUNKS = 16
"""Most chunks of a round in deterministic mode; `ROUND_STEP` allows fewer at usual rates."""

CHUNK_STEP, ROUND_STEP = 2.0, 8.0
"""Bounds on the sum of `step_of_a_token` over a chunk and over a round."""

GROUP = 8
"""`product` does so many centres at a time."""

FLOATS_A_LINE = 16


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
        width=round_up(settings.model.dim, FLOATS_A_LINE),
        window=settings.model.window,
        n_negatives=settings.objective_as(NegativeSampling).n_negatives,
        n_spans=n_spans,
        span_tokens=span_tokens // GROUP * GROUP or span_tokens,
        n_shared=SHARED_NEGATIVES,
        pair_width=round_up(2 * settings.model.window + 1 + 3, FLOATS_A_LINE),
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


def round_up(n: int, step: int) -> int:
    """The next multiple of `step`."""
    return -(-n // step) * step
