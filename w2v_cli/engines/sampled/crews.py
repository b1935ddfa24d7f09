"""The threads of the engine: they race, or they train every block together in step."""

import threading
from collections.abc import Callable, Iterable, Iterator
from queue import SimpleQueue
from typing import TYPE_CHECKING

import numpy as np

from w2v_cli.engines.base import Stats, Unit
from w2v_cli.engines.sampled.block import train_block, train_block_in_step
from w2v_cli.engines.sampled.buffers import new_changes, new_draws

if TYPE_CHECKING:
    from w2v_cli.engines.sampled.engine import SampledEngine


# Units handed to threads, and their figures handed back.


NOTICE_AFTER_SECONDS = 1.0
"""A compilation that takes longer is worth a notice."""

Result = tuple[Unit, Stats]


class Source:
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


def in_threads(
    work: Callable[[int, Source], Iterator[Result]], source: Source, n_threads: int
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


def compile_with_notice(warm_up: Callable[[], None], notice: Callable[[str], None]) -> None:
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
    thread.join(NOTICE_AFTER_SECONDS)
    if thread.is_alive():
        notice("compiling, once (about ten seconds)")
    failure = done.get()
    if failure is not None:
        raise failure


# The threads of the engine: they race, or they train every block together in step.


class RacingCrew:
    """Threads that each train blocks of their own, on the same matrices."""

    def __init__(self, engine: "SampledEngine", n_threads: int) -> None:
        self._engine = engine
        shape, tokens = engine.shape, engine.block_tokens
        self._buffers = [
            (new_draws(tokens), engine.new_scratch(shape), new_changes(shape, 1))
            for _ in range(n_threads)
        ]

    def work(self, rank: int, source: Source) -> Iterator[Result]:
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
        result: tuple[float, float] = train_block(
            engine.model,
            engine.corpus,
            engine.shape,
            span,
            engine.key(unit),
            float(unit.lr),
            *self._buffers[rank],
        )
        return result


class StepCrew:
    """Threads that train every block together, in step."""

    def __init__(self, engine: "SampledEngine", n_threads: int) -> None:
        self._engine = engine
        self._n_threads = n_threads
        shape, tokens = engine.shape, engine.block_tokens
        changes = new_changes(shape, engine.round_chunks)
        self._buffers = [
            (new_draws(tokens), engine.new_scratch(shape), changes) for _ in range(n_threads)
        ]
        n_chunks = -(-tokens // shape.span_tokens)
        self._sums = np.zeros((2, n_chunks))
        self._counters = np.zeros(4 * n_chunks, np.int64)
        self._meeting = np.zeros(2, np.int64)

    def work(self, rank: int, source: Source) -> Iterator[Result]:
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
        result: tuple[float, float] = train_block_in_step(
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
