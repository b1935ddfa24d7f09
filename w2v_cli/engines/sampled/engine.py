"""Negative sampling, compiled: the engine that the trainer sees.

Threads race on shared matrices (Hogwild), each with its own block. With one thread, a run can be
repeated bit for bit. With `deterministic`, all threads train each block together, in step, and the
bits are the same for every number of threads.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v_cli.arrays import Array
from w2v_cli.compiled import cache_note
from w2v_cli.engines.base import Embeddings, Frozen, Notice, Resources, Stats, Unit, diverged
from w2v_cli.engines.centers import PlainCenters, SubwordCenters, centers_of
from w2v_cli.engines.sampled.buffers import (
    FLOATS_A_LINE,
    GROUP,
    Block,
    CbowModel,
    Corpus,
    Matrix,
    Model,
    Rows,
    Shape,
    Training,
    aligned_zeros,
    free_model,
    new_draws,
    round_up,
)
from w2v_cli.engines.sampled.crews import (
    Crew,
    RacingCrew,
    Source,
    StepCrew,
    Task,
    compile_with_notice,
    in_threads,
)
from w2v_cli.engines.sampled.draws import draws_of_block
from w2v_cli.engines.sampled.settings import SampledSettings
from w2v_cli.engines.settings import EngineSettings, NegativeSampling
from w2v_cli.text.encoded import EncodedCorpus
from w2v_cli.text.windows import alias_table, keep_prob, noise_distribution


def create(
    settings: EngineSettings,
    corpus: EncodedCorpus,
    cache: Path,
    notice: Notice,
    resources: Resources,
) -> "SampledEngine":
    """Build the engine; `create_engine` calls this."""
    if note := cache_note():
        notice(note)
    return SampledEngine(settings, corpus, notice)


LARGEST_BLOCK, SMALLEST_BLOCK, BLOCKS_A_CORPUS = 16_384, 1_024, 64
"""Tokens in a block. A short corpus has small blocks, so that its learning rate falls smoothly."""


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
        model, training, own = settings.model, settings.training, settings.own_as(SampledSettings)
        self.dim, self.lr = model.dim, training.lr
        self.seed, self.n_threads = training.seed, training.n_threads
        plan = plan_of(settings, corpus)
        self.shape = plan.shape
        self._source = corpus
        size = min(LARGEST_BLOCK, max(SMALLEST_BLOCK, len(corpus.tokens) // BLOCKS_A_CORPUS))
        self._blocks = corpus.blocks(size)
        self.n_units = len(self._blocks) - 1
        self._rows = centers_of(model, corpus.vocabulary.words)
        start = self._rows.start_vectors(self.dim, self.seed)
        self._center, self._outside = (self._padded(start[name]) for name in ("center", "outside"))
        is_cbow = settings.word_model.predicts_center
        kind = CbowModel if is_cbow else Model
        parameters = free_model(kind, self._center, self._outside, plan.pull, rows_of(self._rows))
        self._training = Training(parameters, plan.corpus, self.shape)
        block_tokens = int(np.diff(self._blocks).max(initial=1))
        crew = self.shape, block_tokens, self.n_threads, is_cbow
        self._crew: Crew = (
            StepCrew(*crew, plan.round_chunks) if own.deterministic else RacingCrew(*crew)
        )
        compile_with_notice(lambda: self._crew.warm_up(self._training), notice)

    def train(self, units: Iterable[Unit]) -> Iterator[tuple[Unit, Stats]]:
        """See `Engine.train`."""
        source = Source(Task(unit, self._block(unit)) for unit in units)
        self._crew.start(self._training)
        results = (
            self._crew.work(0, source)
            if self.n_threads == 1
            else in_threads(self._crew.work, source, self.n_threads)
        )
        with closing(results):
            for unit, loss, n_pairs in results:
                yield unit, self._stats(unit, loss, n_pairs)

    def span(self, unit: Unit) -> tuple[int, int]:
        """Return the first token of a unit's block, and one past its last."""
        return int(self._blocks[unit.index]), int(self._blocks[unit.index + 1])

    def _block(self, unit: Unit) -> Block:
        return Block(*self.span(unit), self.seed, unit.epoch, unit.index)

    def _stats(self, unit: Unit, loss: float, n_pairs: float) -> Stats:
        """Return the results of a unit. Raises RunError if its loss is not finite."""
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
        model = self._training.model._replace(frozen_center=center, frozen_outside=outside)
        self._training = self._training._replace(model=model)

    def score_offset(self) -> None:
        """Return None: nothing is added to the scores."""

    def close(self) -> None:
        """Nothing to release: threads end with `train`."""

    def draws(self, unit: Unit) -> Iterator[tuple[list[tuple[int, list[int]]], list[int]]]:
        """Yield what a unit draws, chunk by chunk, for checks.

        For each chunk (windows, negatives): for each kept token (centre, outside words), and the S
        negatives that all of them share.
        """
        start, stop = self.span(unit)
        words, left, right = new = new_draws(stop - start)
        most = -(-(stop - start) // self.shape.span_tokens)
        centers = np.zeros((most, self.shape.n_spans, 2), np.int32)
        negatives = np.zeros((most, self.shape.n_shared), np.int32)
        block = self._block(unit)
        _, n_chunks = draws_of_block(self._training, block, new, centers, negatives)
        for chunk in range(n_chunks):
            yield (
                [
                    (int(words[i]), [int(words[j]) for j in range(left[i], right[i]) if j != i])
                    for first, end in centers[chunk]
                    for i in range(first, end)
                ],
                negatives[chunk].tolist(),
            )

    def _padded(self, matrix: Array) -> Matrix:
        """Copy a matrix, with rows padded to the kernels' width."""
        padded = aligned_zeros(len(matrix), self.shape.width)
        padded[:, : self.dim] = matrix
        return padded


# Sizes and tables, which follow from the settings and the word counts.


CHUNK_TOKENS, SHARED_NEGATIVES = 64, 32
"""T and S of a chunk; measured in docs/performance.md."""

SPAN_TOKENS = 16
"""Tokens in a span. A chunk takes its tokens from four places of the block. Tokens from one place
are about one topic and push their shared negatives away from it: semantic analogies scored 0.7
points lower. Spans cost 8 % of the speed; spans of 8 gained nothing more."""

ROUND_CHUNKS = 16
"""Most chunks in a round, in deterministic mode. At usual rates `ROUND_STEP` allows fewer."""

CHUNK_STEP, ROUND_STEP = 2.0, 8.0
"""Bounds on the sum of `step_of_a_token` over a chunk and over a round."""

PULLED_TOKENS = 1000
"""Words with more kept tokens have no penalty."""

_LARGEST_32_BITS = 2.0**32 - 1


class Plan(NamedTuple):
    """Sizes and tables of a training. pull: see `pull_of_a_token`."""

    shape: Shape
    round_chunks: int
    corpus: Corpus
    pull: Matrix


def plan_of(settings: EngineSettings, corpus: EncodedCorpus) -> Plan:
    """Compute the sizes and tables for a configuration and a corpus."""
    counts = corpus.vocabulary.counts
    keep = keep_prob(counts, settings.model.subsample_threshold)
    noise = noise_distribution(counts, settings.objective_as(NegativeSampling).noise_power)
    n_kept = counts * keep
    step = step_of_a_token(settings, n_kept, noise)
    shape = chunk_shape(settings, step)
    pull = pull_of_a_token(settings, n_kept)
    return Plan(shape, round_chunks(shape, step), kernel_corpus(corpus, keep, noise), pull)


def step_of_a_token(settings: EngineSettings, n_kept: Array, noise: Array) -> float:
    """Learning rate times the terms that a token adds, on average, to one outside vector.

    n_kept: tokens of each word that a pass is expected to keep, (V,). noise: P(w), (V,).
    The result is that of the word with the most terms. A token has `pairs_per_token` pairs (one
    with CBOW); in each of them that word may be the predicted one or one of the K negatives. A
    chunk sums its gradients at the parameters that it began with, so many terms for one vector
    overshoot where single steps would not: with 60 words, chunks of 64 tokens diverged. Small
    vocabularies, wide windows and many negatives therefore get shorter chunks.
    """
    n_negatives = settings.objective_as(NegativeSampling).n_negatives
    share = float((n_kept / n_kept.sum() + n_negatives * noise).max())
    n_pairs = 1 if settings.word_model.predicts_center else settings.model.pairs_per_token
    return settings.training.lr * n_pairs * share


def chunk_shape(settings: EngineSettings, step: float) -> Shape:
    """Sizes for a configuration. step: `step_of_a_token`."""
    n_tokens = min(CHUNK_TOKENS, max(1, int(CHUNK_STEP / step)))
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


def round_chunks(shape: Shape, step: float) -> int:
    """Return the chunks in a round: a power of two, so that threads get equal shares."""
    most = int(ROUND_STEP / step) // shape.n_tokens
    return 1 << (min(ROUND_CHUNKS, max(1, most)).bit_length() - 1)


def kernel_corpus(corpus: EncodedCorpus, keep: Array, noise: Array) -> Corpus:
    """Return the tokens and the tables for draws. keep, noise: probabilities by word, (V,)."""
    limit, alias = alias_table(noise)
    return Corpus(
        np.asarray(corpus.tokens, dtype=np.uint32),
        np.asarray(corpus.document_ends, dtype=np.int64),
        np.rint(keep * _LARGEST_32_BITS).astype(np.uint32),
        np.rint(limit * _LARGEST_32_BITS).astype(np.uint32),
        alias,
    )


def pull_of_a_token(settings: EngineSettings, n_kept: NDArray[np.float64]) -> Matrix:
    """Return λ / n_w, (V,): the penalty of `--l2`, spread over the tokens of each word.

    n_kept: n_w, the tokens of word w that one pass is expected to keep. Each of them adds λ / n_w
    times v_w and u_w to their gradients. So a pass adds λ v_w and λ u_w, the gradients of the
    penalty λ/2 (|v_w|² + |u_w|²). Words with more than PULLED_TOKENS tokens have no penalty: among
    so many pairs it would change nothing visible, but most tokens are of such words, and it would
    take a tenth of the time. λ is at most 1 / lr: more would overshoot where all tokens of a word
    are in one chunk.
    """
    l2 = min(settings.own_as(SampledSettings).l2, 1 / settings.training.lr)
    has_penalty = (n_kept > 0) & (n_kept <= PULLED_TOKENS)
    pull = np.divide(l2, n_kept, out=np.zeros(len(n_kept)), where=has_penalty)
    return pull.astype(np.float32)


def rows_of(centers: PlainCenters | SubwordCenters) -> Rows | None:
    """Return the rows of all words, for the compiled functions; None: one row per word."""
    if isinstance(centers, PlainCenters):
        return None
    return Rows(centers.start, centers.rows.astype(np.int32))
