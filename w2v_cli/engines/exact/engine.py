"""Naive softmax without the waiting: exact, over all pairs of a corpus at once.

The corpus enters the loss only through its weighted pair counts X (see `corpus.cooccurrence`).
With n_c = Σ_o X[c, o] and the score s(c, o) = u_o · v_c + log P(o), P the prior,

    J = Σ_c ( n_c · log Σ_w exp s(c, w)  −  Σ_o X[c, o] · s(c, o) )
    ∂J/∂v_c = Σ_w G[c, w] u_w,    ∂J/∂u_w = Σ_c G[c, w] v_c,    G[c, w] = n_c ŷ(c, w) − X[c, w].

That is the sum of the token-by-token losses and gradients, at a cost of 6 V² D operations an epoch
whatever the length of the corpus. The prior is a constant: it changes the scores, not the form of
the gradients. Without it this is the loss of the course; with it the vectors start at the unigram
model and need not learn how frequent words are.

A unit of work is a step over `batch_size` centre words. Their scores against all words are one
matrix product, cut into tiles that fit the second-level cache. Threads take tiles in any order;
what they add up is added in the order of tiles, and a product runs on one thread of the BLAS, so
the bits do not depend on the number of threads.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from w2v_cli.compiled import cache_note
from w2v_cli.corpus.encoded import EncodedCorpus
from w2v_cli.corpus.pair_counts import Cooccurrence, open_or_count
from w2v_cli.corpus.sampling import generator, keep_prob
from w2v_cli.engines.base import Notice, Stats, Unit
from w2v_cli.engines.divergence import diverged
from w2v_cli.engines.exact import kernels
from w2v_cli.engines.exact.estimate import note_long_training
from w2v_cli.engines.exact.offer import ExactSettings
from w2v_cli.engines.exact.optimizers import Optimizer
from w2v_cli.engines.parameters import Embeddings, initial_embeddings
from w2v_cli.engines.settings import EngineSettings

Array = NDArray[Any]

#: Scores in a tile: at most 1.5 MB of float32, for a second-level cache of 2 MB.
TILE_SCORES = 3 * 2**17
#: Scores a step may hold in memory (1 GiB of float32); beyond, a step takes fewer centre words.
STEP_SCORES = 2**28
#: The log of a prior of zero: far enough down that exp gives 0, and finite.
_NEVER = -1e30


def create(
    settings: EngineSettings, corpus: EncodedCorpus, cache: Path, notice: Notice
) -> "ExactEngine":
    """Build the engine: say how long training will take if long, count pairs (or open them)."""
    if note := cache_note():
        notice(note)
    note_long_training(settings, len(corpus.vocabulary), notice)
    pairs = open_or_count(
        corpus,
        keep_prob(corpus.vocabulary.counts, settings.model.subsample_threshold),
        settings.model.window,
        cache=cache,
        memory=settings.own_as(ExactSettings).memory,
        n_threads=settings.training.n_threads,
    )
    return ExactEngine(settings, pairs, corpus.n_tokens)


class ExactEngine:
    """Trains a batch of centre words at a time against all outside words.

    prior: what is added to the scores of each outside word, (V,).
    """

    name = "exact"
    state_version = 1

    def __init__(self, settings: EngineSettings, pairs: Cooccurrence, n_tokens: int) -> None:
        """n_tokens: raw words of the corpus, spread over the units for the progress figures."""
        own, training = settings.own_as(ExactSettings), settings.training
        dtype = np.dtype(own.precision)
        n_words = len(pairs.row_start) - 1
        self._seed, self._lr = training.seed, training.lr
        self._follows_sum = training.optimizer == "sgd" and not own.batch_mean
        self._pairs = pairs
        self._n_tokens = n_tokens
        self._n_pairs = pairs.row_sums()
        self.prior = log_prior(self._n_pairs, own.softmax_prior).astype(dtype)
        self._prior_sums = pairs.row_sums(self.prior.astype(np.float64))
        self._active = np.flatnonzero(self._n_pairs)
        self._batch = max(1, min(own.batch_size, STEP_SCORES // n_words, len(self._active)))
        self.n_units = max(1, -(-len(self._active) // self._batch))
        start = initial_embeddings(n_words, settings.model.dim, training.seed, dtype)
        self._optimizer = Optimizer(training.optimizer, start)
        self._scale = self._gradient_scale()
        self._weights = np.empty(len(pairs.weights), dtype)
        np.multiply(pairs.weights, self._scale, out=self._weights, casting="unsafe")
        self._tiles = _Tiles(n_words, self._batch, start.dim, training.n_threads, dtype)
        self._team = _Team(training.n_threads)
        self._order: tuple[int, Array] = (-1, self._active)

    def _gradient_scale(self) -> float:
        """What counts, and so gradients, are multiplied by.

        Adagrad and Adam do not notice, except that counts of any size stay inside float32: an
        average centre word weighs 1. Plain descent follows the sum, or with batch_mean that.
        """
        if self._follows_sum:
            return 1.0
        return len(self._active) / float(self._n_pairs.sum()) if len(self._active) else 1.0

    def train(self, units: Iterable[Unit]) -> Iterator[tuple[Unit, Stats]]:
        """See `Engine.train`."""
        with ThreadpoolController().limit(limits=1, user_api="blas"):
            for unit in units:
                centers = self._centers(unit)
                with np.errstate(over="ignore", invalid="ignore"):  # the check tells
                    loss = self._step(centers, unit) if len(centers) else 0.0
                self._check_finite(loss)
                yield unit, Stats(loss, float(self._n_pairs[centers].sum()), self._share(unit))
            # A step's own fault shows in the loss of the next; the last step has no next.
            with np.errstate(over="ignore", invalid="ignore"):
                matrices = (self._optimizer.center, self._optimizer.outside)
                sums = [float(matrix.sum()) for matrix in matrices]
            self._check_finite(*sums)

    def _centers(self, unit: Unit) -> Array:
        """The centre words of a unit: all words once an epoch, in an order keyed by the epoch."""
        if self._order[0] != unit.epoch:
            rng = generator(self._seed, unit.epoch, 0)
            self._order = unit.epoch, rng.permutation(self._active)
        first = unit.index * self._batch
        return self._order[1][first : first + self._batch]

    def _share(self, unit: Unit) -> int:
        n, i = self.n_units, unit.index
        return self._n_tokens * (i + 1) // n - self._n_tokens * i // n

    def _step(self, centers: Array, unit: Unit) -> float:
        """Train one batch of centre words; return its loss before the step."""
        pairs, optimizer, tiles = self._pairs, self._optimizer, self._tiles.of(len(centers))
        vectors = optimizer.center[centers]
        step = unit.epoch * self.n_units + unit.index + 1

        def scores(t: int, worker: int) -> None:
            first, last = tiles.edges[t : t + 2]
            tile = tiles.scores[t]
            np.matmul(vectors, optimizer.outside[first:last].T, out=tile)
            sums = tiles.largest[t], tiles.sums[t], tiles.score_sums[t]
            exponentials(tile, self.prior[first:last], *sums)

        def gradients(i: int, worker: int) -> None:
            t = tiles.n - 1 - i  # the last scores are in the cache still
            first, last = tiles.edges[t : t + 2]
            tile, factor = tiles.scores[t], tiles.factor[t][:, None]
            kernels.subtract_counts(
                tile,
                pairs.row_start,
                pairs.columns,
                self._weights,
                centers,
                first,
                tiles.share[t],
                tiles.ratio[t],
            )
            np.matmul(tile, optimizer.outside[first:last], out=tiles.grad_center[t])
            tiles.grad_center[t] *= factor
            scaled, grad_outside = tiles.scratch(worker, last - first)
            np.multiply(vectors, factor, out=scaled)
            np.matmul(tile.T, scaled, out=grad_outside)
            optimizer.step_outside(first, last, grad_outside, unit.lr, step)

        self._team.run(scores, tiles.n)
        loss = kernels.combine(
            tiles.largest,
            tiles.sums,
            tiles.score_sums,
            self._scale * self._n_pairs[centers],
            tiles.share,
            tiles.factor,
            tiles.ratio,
        )
        self._team.run(gradients, tiles.n)
        grad_center = tiles.grad_center.sum(axis=0)
        loss += float((vectors.astype(np.float64) * grad_center).sum())
        optimizer.step_center(centers, grad_center, unit.lr, unit.epoch + 1)
        return float(loss / self._scale - self._prior_sums[centers].sum())

    def _check_finite(self, *figures: float) -> None:
        if not np.isfinite(figures).all():
            raise diverged(self._lr, "--batch-mean" if self._follows_sum else "")

    def state(self) -> dict[str, Array]:
        """See `Engine.state`."""
        return self._optimizer.state()

    def load_state(self, arrays: Mapping[str, Array]) -> None:
        """See `Engine.load_state`."""
        for name, mine in self.state().items():
            mine[...] = arrays[name]

    def embeddings(self) -> Embeddings:
        """See `Engine.embeddings`."""
        return Embeddings(self._optimizer.center, self._optimizer.outside)

    def set_embeddings(self, embeddings: Embeddings) -> None:
        """See `Engine.set_embeddings`."""
        self._optimizer.center[...] = embeddings.center
        self._optimizer.outside[...] = embeddings.outside

    def score_offset(self) -> Array:
        """See `Engine.score_offset`: the prior."""
        return self.prior

    def close(self) -> None:
        """Let go of the threads."""
        self._team.close()


class _Tiles:
    """The working memory of a step: scores in tiles, and what is known of each tile's rows.

    edges: tile t holds the outside words edges[t] to edges[t + 1]; they depend on V and the batch
    only. scores: one (B, T) array a tile. The others are (n_tiles, B), as in `softmax_kernels`;
    grad_center: (n_tiles, B, D).
    """

    def __init__(self, n_words: int, batch: int, dim: int, n_threads: int, dtype: Any) -> None:
        n = -(-n_words * batch // TILE_SCORES)
        n = min(n_words, -(-n // 4) * 4)  # equal shares for 2 and 4 threads
        self.n = n
        self.edges = [n_words * t // n for t in range(n + 1)]
        self._widest = -(-n_words // n)
        self.scores = [np.empty((batch, b - a), dtype) for a, b in itertools.pairwise(self.edges)]
        self.largest, self.sums, self.score_sums = np.empty((3, n, batch), dtype)
        self.share, self.factor, self.ratio = np.empty((3, n, batch), dtype)
        self.grad_center = np.empty((n, batch, dim), dtype)
        self._scaled = np.empty((n_threads, batch, dim), dtype)
        self._grad_outside = np.empty((n_threads, self._widest, dim), dtype)

    def of(self, batch: int) -> "_Tiles":
        """Return views for a batch that may be smaller: the last one of an epoch."""
        if batch == self.grad_center.shape[1]:
            return self
        part = object.__new__(_Tiles)
        vars(part).update(vars(self))
        part.scores = [tile[:batch] for tile in self.scores]
        for name in ("largest", "sums", "score_sums", "share", "factor", "ratio"):
            setattr(part, name, getattr(self, name)[:, :batch])
        part.grad_center = self.grad_center[:, :batch]
        part._scaled = self._scaled[:, :batch]
        return part

    def scratch(self, worker: int, width: int) -> tuple[Array, Array]:
        """Return a thread's own (B, D) and (width, D) buffers."""
        return self._scaled[worker], self._grad_outside[worker, :width]


class _Team:
    """Runs a task for every tile on some threads, the calling one among them."""

    def __init__(self, n_threads: int) -> None:
        self._helpers = range(1, n_threads)
        self._pool = ThreadPoolExecutor(n_threads - 1) if n_threads > 1 else None

    def run(self, task: Callable[[int, int], None], n: int) -> None:
        """Call task(t, worker) for t in 0..n-1, each once; a worker is in one call at a time."""
        numbers = itertools.count()

        def work(worker: int) -> None:
            with np.errstate(over="ignore", invalid="ignore"):  # the loss tells
                while (t := next(numbers)) < n:
                    task(t, worker)

        waiting = [self._pool.submit(work, i) for i in self._helpers] if self._pool else []
        try:
            work(0)
        finally:
            for future in waiting:
                future.result()

    def close(self) -> None:
        if self._pool:
            self._pool.shutdown()


def exponentials(
    scores: Array, prior: Array, largest: Array, sums: Array, score_sums: Array
) -> None:
    """Do what `softmax_kernels.exponentials` does, for any precision."""
    if scores.dtype == np.float32:
        kernels.exponentials(scores, prior, largest, sums, score_sums)
        return
    shifted = scores + prior
    largest[:] = shifted.max(axis=1)
    e = np.exp(shifted - largest[:, None])
    sums[:] = e.sum(axis=1)
    score_sums[:] = (e * scores).sum(axis=1)
    scores[:] = e


def log_prior(n_pairs: Array, prior: str) -> Array:
    """What is added to every score, (V,): log P(o), P the word's share of all pairs, or zero.

    A word that is in no pair has the probability zero; its vectors stay as they are.
    """
    if prior == "none":
        return np.zeros(len(n_pairs))
    total = max(float(n_pairs.sum()), 1e-300)
    return np.log(n_pairs / total, out=np.full(len(n_pairs), _NEVER), where=n_pairs > 0)
