"""Negative sampling, compiled: threads and buffers round the chunks.

Threads race on shared matrices (Hogwild), each on a block of its own; with one thread a run is
repeatable bit for bit. With `deterministic` all threads work on one block in step, and the bits
are the same for every number of threads.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from w2v_cli.arrays import Array
from w2v_cli.compiled import cache_note
from w2v_cli.engines.base import Embeddings, Frozen, Notice, Resources, Stats, Unit, diverged
from w2v_cli.engines.centers import PlainCenters, SubwordCenters, centers_of
from w2v_cli.engines.sampled import draws as drawn
from w2v_cli.engines.sampled.buffers import (
    CbowModel,
    Matrix,
    Model,
    Rows,
    aligned_zeros,
    chunk_shape,
    free_model,
    kernel_corpus,
    new_cbow_scratch,
    new_draws,
    new_scratch,
    round_chunks,
)
from w2v_cli.engines.sampled.crews import (
    RacingCrew,
    Result,
    Source,
    StepCrew,
    compile_with_notice,
    in_threads,
)
from w2v_cli.engines.sampled.settings import SampledSettings
from w2v_cli.engines.settings import EngineSettings
from w2v_cli.text.encoded import EncodedCorpus
from w2v_cli.text.windows import keep_prob

# Subwords as the compiled functions take them.


def rows_of(centers: PlainCenters | SubwordCenters) -> Rows | None:
    """Return the rows of all words, for the compiled functions; None: one row a word.

    The share is 1, as in fastText, not the 1/n of the mean's gradient: see docs/subwords.md.
    """
    if isinstance(centers, PlainCenters):
        return None
    share = np.ones(centers.n_words, np.float32)
    return Rows(centers.start, centers.rows.astype(np.int32), share)


# The penalty of `--l2`, spread over the tokens of a word.


PULLED_TOKENS = 1000
"""Words of more kept tokens have no penalty."""


def pull_of_a_token(settings: EngineSettings, counts: NDArray[np.int64]) -> Matrix:
    """λ / n_w, (V,), with n_w the tokens of word w that one pass is expected to keep.

    Each token adds that share of both vectors of its word to their gradients. So a pass adds λ v_w
    and λ u_w, the gradients of the penalty λ/2 (|v_w|² + |u_w|²). Words of more than PULLED_TOKENS
    have none: among so many pairs nobody would notice, but most tokens are of such words, and
    their penalty would take a tenth of the time. More than 1 / lr would overshoot where all tokens
    of a word are in one chunk, so λ is at most that.
    """
    n_tokens = counts * keep_prob(counts, settings.model.subsample_threshold)
    l2 = min(settings.own_as(SampledSettings).l2, 1 / settings.training.lr)
    has_penalty = (n_tokens > 0) & (n_tokens <= PULLED_TOKENS)
    pull = np.divide(l2, n_tokens, out=np.zeros(len(counts)), where=has_penalty)
    return pull.astype(np.float32)


# Negative sampling, compiled: threads and buffers round the chunks.


LARGEST_BLOCK, SMALLEST_BLOCK, BLOCKS_A_CORPUS = 16_384, 1_024, 64
"""Tokens of a block: small enough for the learning rate to fall smoothly on a short corpus."""


class SampledEngine:
    """Trains one block of the corpus per unit."""

    name = "sampled"
    state_version = 1

    def __init__(
        self,
        settings: EngineSettings,
        corpus: EncodedCorpus,
        notice: Notice = lambda message: None,
    ) -> None:
        self.dim, self.lr = settings.model.dim, settings.training.lr
        self.seed, self.n_threads = settings.training.seed, settings.training.n_threads
        counts = corpus.vocabulary.counts
        self.shape = chunk_shape(settings, counts)
        self.round_chunks = round_chunks(settings, counts, self.shape)
        self.corpus = kernel_corpus(settings, corpus)
        self._source = corpus
        size = min(LARGEST_BLOCK, max(SMALLEST_BLOCK, len(corpus.tokens) // BLOCKS_A_CORPUS))
        self._blocks = corpus.blocks(size)
        self.n_units = len(self._blocks) - 1
        self.block_tokens = int(np.diff(self._blocks).max(initial=1))
        self._rows = centers_of(settings.model, corpus.vocabulary.words)
        start = self._rows.start_vectors(self.dim, self.seed)
        self._center, self._outside = (self._padded(start[name]) for name in ("center", "outside"))
        is_cbow = settings.word_model.predicts_center
        self.new_scratch = new_cbow_scratch if is_cbow else new_scratch
        kind = CbowModel if is_cbow else Model
        pull = pull_of_a_token(settings, counts)
        self.model = free_model(kind, self._center, self._outside, pull, rows_of(self._rows))
        self._crew: RacingCrew | StepCrew = (
            StepCrew(self, self.n_threads)
            if settings.own_as(SampledSettings).deterministic
            else RacingCrew(self, self.n_threads)
        )
        compile_with_notice(self._crew.warm_up, notice)

    def train(self, units: Iterable[Unit]) -> Iterator[Result]:
        """See `Engine.train`."""
        source = Source(units)
        self._crew.start()
        if self.n_threads == 1:
            yield from self._crew.work(0, source)
        else:
            yield from in_threads(self._crew.work, source, self.n_threads)

    def span(self, unit: Unit) -> tuple[int, int]:
        """First token of a unit's block, and one past its last."""
        return int(self._blocks[unit.index]), int(self._blocks[unit.index + 1])

    def key(self, unit: Unit) -> tuple[int, int, int]:
        """What a unit's draws depend on."""
        return self.seed, unit.epoch, unit.index

    def stats(self, unit: Unit, loss: float, n_pairs: float) -> Stats:
        """Put together the figures of a unit. Raises RunError if its loss is not finite."""
        if not np.isfinite(loss):
            raise diverged(self.lr)
        return Stats(float(loss), float(n_pairs), self._source.raw_tokens(*self.span(unit)))

    def state(self) -> dict[str, Array]:
        """See `Engine.state`. Raises RunError if a parameter is not finite."""
        for matrix in (self._center, self._outside):
            with np.errstate(invalid="ignore"):
                if not np.isfinite(matrix.sum(dtype=np.float64)):
                    raise diverged(self.lr)
        return {"center": self._center[:, : self.dim], "outside": self._outside[:, : self.dim]}

    def load_state(self, arrays: Mapping[str, Array]) -> None:
        """See `Engine.load_state`."""
        self._center[:, : self.dim] = arrays["center"]
        self._outside[:, : self.dim] = arrays["outside"]

    def embeddings(self) -> Embeddings:
        """See `Engine.embeddings`; the matrices are views of the padded ones."""
        return self._rows.embeddings(**self.state())

    def set_embeddings(self, embeddings: Embeddings) -> None:
        """See `Engine.set_embeddings`."""
        self._center[:, : self.dim] = self._rows.rows_of(embeddings)
        self._outside[:, : self.dim] = embeddings.outside

    def freeze(self, frozen: Frozen) -> None:
        """See `Engine.freeze`."""
        center, outside = (each.astype(np.uint8) for each in (frozen.center, frozen.outside))
        self.model = self.model._replace(frozen_center=center, frozen_outside=outside)

    def score_offset(self) -> None:
        """Nothing is added to the scores."""

    def close(self) -> None:
        """Nothing to release: threads end with `train`."""

    def draws(self, unit: Unit) -> Iterator[tuple[list[tuple[int, list[int]]], list[int]]]:
        """What a unit draws, for checks: its chunks, one by one.

        Yields (windows, negatives): for each token (centre, outside words), and the S negatives
        that all of them share.
        """
        start, stop = self.span(unit)
        key = self.key(unit)
        words, left, right = new = new_draws(stop - start)
        n = drawn.tokens_of_block(self.corpus, start, stop, self.shape, key, new)
        negatives = np.zeros(self.shape.n_shared, np.int32)
        for chunk in range(drawn.n_chunks_of(n, self.shape)):
            drawn.noise_of_chunk(self.corpus, key, chunk, negatives)
            spans = (drawn.span_of(chunk, k, n, self.shape) for k in range(self.shape.n_spans))
            yield (
                [
                    (int(words[i]), [int(words[j]) for j in range(left[i], right[i]) if j != i])
                    for span in spans
                    for i in range(span.first, span.stop)
                ],
                negatives.tolist(),
            )

    def _padded(self, matrix: Array) -> Matrix:
        """Copy a matrix to rows of the kernels' width."""
        padded = aligned_zeros(len(matrix), self.shape.width)
        padded[:, : self.dim] = matrix
        return padded


def create(
    settings: EngineSettings,
    corpus: EncodedCorpus,
    cache: Path,
    notice: Notice,
    resources: Resources,
) -> SampledEngine:
    """Build the engine; what `create_engine` calls."""
    if note := cache_note():
        notice(note)
    return SampledEngine(settings, corpus, notice)
