"""Negative sampling, compiled: threads and buffers round the kernels.

Threads race on shared matrices (Hogwild), each on a block of its own; with one thread a run is
repeatable bit for bit. With `deterministic` all threads work on one block in step, and the bits
are the same for every number of threads.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v_cli.corpus.encoded import EncodedCorpus
from w2v_cli.engines.base import Notice, Stats, Unit, diverged
from w2v_cli.engines.parameters import Embeddings, initial_embeddings
from w2v_cli.engines.sampled import draws, kernels
from w2v_cli.engines.sampled.buffers import (
    Matrix,
    aligned_zeros,
    chunk_shape,
    kernel_corpus,
    new_changes,
    new_draws,
    new_scratch,
    round_chunks,
)
from w2v_cli.engines.sampled.offer import SampledSettings
from w2v_cli.engines.settings import EngineSettings

LARGEST_BLOCK, SMALLEST_BLOCK, BLOCKS_A_CORPUS = 16_384, 1_024, 64
"""Tokens of a block: small enough for the learning rate to fall smoothly on a short corpus."""

_NOTICE_AFTER_SECONDS = 1.0

Result = tuple[Unit, Stats]


class SampledEngine:
    """Trains one block of the corpus a unit."""

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
        self._center, self._outside = self._fresh_parameters()
        self.model = (self._center.reshape(-1), self._outside.reshape(-1))
        self._crew: _Racers | _Team = (
            _Team(self, self.n_threads)
            if settings.own_as(SampledSettings).deterministic
            else _Racers(self, self.n_threads)
        )
        _compile(self._crew.warm_up, notice)

    def train(self, units: Iterable[Unit]) -> Iterator[Result]:
        """See `Engine.train`."""
        source = _Source(units)
        self._crew.start()
        if self.n_threads == 1:
            yield from self._crew.work(0, source)
        else:
            yield from _in_threads(self._crew.work, source, self.n_threads)

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

    def state(self) -> dict[str, NDArray[Any]]:
        """See `Engine.state`. Raises RunError if a parameter is not finite."""
        for matrix in (self._center, self._outside):
            with np.errstate(invalid="ignore"):
                if not np.isfinite(matrix.sum(dtype=np.float64)):
                    raise diverged(self.lr)
        return {"center": self._center[:, : self.dim], "outside": self._outside[:, : self.dim]}

    def load_state(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """See `Engine.load_state`."""
        self.set_embeddings(Embeddings(arrays["center"], arrays["outside"]))

    def embeddings(self) -> Embeddings:
        """See `Engine.embeddings`; the matrices are views of the padded ones."""
        state = self.state()
        return Embeddings(state["center"], state["outside"])

    def set_embeddings(self, embeddings: Embeddings) -> None:
        """See `Engine.set_embeddings`."""
        self._center[:, : self.dim] = embeddings.center
        self._outside[:, : self.dim] = embeddings.outside

    def score_offset(self) -> None:
        """Nothing is added to the scores."""

    def close(self) -> None:
        """Nothing to let go of: threads end with `train`."""

    def draws(self, unit: Unit) -> Iterator[tuple[list[tuple[int, list[int]]], list[int]]]:
        """What a unit draws, for checks: its chunks, one by one.

        Yields (windows, negatives): for each token (centre, outside words), and the S negatives
        that all of them share.
        """
        start, stop = self.span(unit)
        token_key, noise_key = (np.uint64(key) for key in draws.keys_of(self.key(unit)))
        words, left, right = drawn = new_draws(stop - start)
        n = draws.draw_tokens(self.corpus, start, stop, self.shape.window, token_key, drawn)
        negatives = np.zeros(self.shape.n_shared, np.int32)
        for number in range(kernels.n_chunks_of(n, self.shape)):
            draws.draw_noise(self.corpus, noise_key, number, negatives)
            spans = (kernels.span_of(number, k, n, self.shape) for k in range(self.shape.n_spans))
            yield (
                [
                    (int(words[i]), [int(words[j]) for j in range(left[i], right[i]) if j != i])
                    for span in spans
                    for i in range(span.first, span.stop)
                ],
                negatives.tolist(),
            )

    def _fresh_parameters(self) -> tuple[Matrix, Matrix]:
        """Centre and outside matrices as every engine starts with, padded to (V, width)."""
        n_words = len(self.corpus.noise_alias)
        start = initial_embeddings(n_words, self.dim, self.seed)
        center = aligned_zeros(n_words, self.shape.width)
        outside = aligned_zeros(n_words, self.shape.width)
        center[:, : self.dim] = start.center
        outside[:, : self.dim] = start.outside
        return center, outside


def create(
    settings: EngineSettings, corpus: EncodedCorpus, cache: Path, notice: Notice
) -> SampledEngine:
    """Build the engine; what `create_engine` calls."""
    return SampledEngine(settings, corpus, notice)


# ------------------------------------------------------------------------------------ threads


class _Source:
    """Units pulled one by one by several threads."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self._units = iter(units)
        self._pulled: list[Unit | None] = []
        self._lock = threading.Lock()
        self._closed = False

    def take(self) -> Unit | None:
        """Pull the next unit; None at the end."""
        with self._lock:
            return None if self._closed else next(self._units, None)

    def at(self, i: int) -> Unit | None:
        """Unit number i, the same for every thread; None at the end. `i` rises by one."""
        with self._lock:
            if i == len(self._pulled):
                self._pulled.append(None)
                if not self._closed:
                    self._pulled[i] = next(self._units, None)
            return self._pulled[i]

    def close(self) -> None:
        """Let the units end here."""
        self._closed = True


def _in_threads(
    work: Callable[[int, _Source], Iterator[Result]], source: _Source, n_threads: int
) -> Iterator[Result]:
    """Run work(rank, source) in threads and yield what they yield, as it comes.

    An exception in one of them closes the source and is raised when all have ended.
    """
    results: SimpleQueue[Result | BaseException | None] = SimpleQueue()

    def run(rank: int) -> None:
        try:
            for result in work(rank, source):
                results.put(result)
        except BaseException as error:
            source.close()
            results.put(error)
        finally:
            results.put(None)

    threads = [threading.Thread(target=run, args=(i,), daemon=True) for i in range(n_threads)]
    for thread in threads:
        thread.start()
    try:
        running, failure = n_threads, None
        while running:
            result = results.get()
            if result is None:
                running -= 1
            elif isinstance(result, BaseException):
                failure = failure or result
            else:
                yield result
        if failure is not None:
            raise failure
    finally:
        source.close()
        for thread in threads:
            thread.join()


class _Racers:
    """Threads that each train blocks of their own, on the same matrices."""

    def __init__(self, engine: SampledEngine, n_threads: int) -> None:
        self._engine = engine
        shape, tokens = engine.shape, engine.block_tokens
        self._buffers = [
            (new_draws(tokens), new_scratch(shape), new_changes(shape, 1)) for _ in range(n_threads)
        ]

    def work(self, rank: int, source: _Source) -> Iterator[Result]:
        """Train units until the source ends."""
        while (unit := source.take()) is not None:
            loss, n_pairs = self._train(self._engine.span(unit), unit, rank)
            yield unit, self._engine.stats(unit, loss, n_pairs)

    def start(self) -> None:
        """Nothing to forget."""

    def warm_up(self) -> None:
        """Have the kernel compiled for our types: train an empty block."""
        self._train((0, 0), Unit(0, 0, 0.0), 0)

    def _train(self, span: tuple[int, int], unit: Unit, rank: int) -> tuple[float, float]:
        engine = self._engine
        result: tuple[float, float] = kernels.train_block(
            engine.model,
            engine.corpus,
            engine.shape,
            span,
            engine.key(unit),
            float(unit.lr),
            *self._buffers[rank],
        )
        return result


class _Team:
    """Threads that train every block together, in step."""

    def __init__(self, engine: SampledEngine, n_threads: int) -> None:
        self._engine = engine
        self._n_threads = n_threads
        shape, tokens = engine.shape, engine.block_tokens
        changes = new_changes(shape, engine.round_chunks)
        self._buffers = [(new_draws(tokens), new_scratch(shape), changes) for _ in range(n_threads)]
        n_chunks = -(-tokens // shape.span_tokens)
        self._sums = np.zeros((2, n_chunks))
        self._counters = np.zeros(4 * n_chunks, np.int64)
        self._meeting = np.zeros(2, np.int64)

    def work(self, rank: int, source: _Source) -> Iterator[Result]:
        """Train all units together with the others; the first thread yields the figures."""
        i = 0
        while (unit := source.at(i)) is not None:
            loss, n_pairs = self._train(self._engine.span(unit), unit, rank, i)
            # every thread gets the same sums, so if they are not finite all of them stop here
            stats = self._engine.stats(unit, loss, n_pairs)
            if rank == 0:
                yield unit, stats
            i += 1

    def start(self) -> None:
        """Forget the units of an earlier `train`."""
        self._meeting[:] = 0

    def warm_up(self) -> None:
        """Have the kernel compiled for our types: train an empty block, alone."""
        self._train((0, 0), Unit(0, 0, 0.0), 0, 0, n_threads=1)

    def _train(
        self,
        span: tuple[int, int],
        unit: Unit,
        rank: int,
        n_before: int,
        n_threads: int | None = None,
    ) -> tuple[float, float]:
        """Train unit number `n_before` with the others."""
        engine = self._engine
        result: tuple[float, float] = kernels.train_block_in_step(
            engine.model,
            engine.corpus,
            engine.shape,
            span,
            engine.key(unit),
            float(unit.lr),
            *self._buffers[rank],
            self._sums,
            (self._meeting, self._counters, n_threads or self._n_threads, n_before),
        )
        return result


def _compile(warm_up: Callable[[], None], notice: Callable[[str], None]) -> None:
    """Run `warm_up`; where it takes long, because nothing is cached yet, say what is going on."""
    done: SimpleQueue[BaseException | None] = SimpleQueue()

    def run() -> None:
        try:
            warm_up()
            done.put(None)
        except BaseException as error:
            done.put(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(_NOTICE_AFTER_SECONDS)
    if thread.is_alive():
        notice("compiling, once (about ten seconds)")
    failure = done.get()
    if failure is not None:
        raise failure
