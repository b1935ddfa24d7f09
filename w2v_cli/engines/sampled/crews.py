"""The threads of the engine: they race, or they train every block together in step."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from w2v_cli.engines.base import Unit
from w2v_cli.engines.sampled.blocks import train_block, train_block_in_step
from w2v_cli.engines.sampled.buffers import new_changes, new_draws
from w2v_cli.engines.sampled.threads import Result, Source

if TYPE_CHECKING:
    from w2v_cli.engines.sampled.engine import SampledEngine


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
