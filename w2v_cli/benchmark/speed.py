"""Words a second of each engine and number of threads."""

import itertools
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from w2v_cli.corpus.encoded import EncodedCorpus
from w2v_cli.engines import create_engine
from w2v_cli.engines.base import Engine, Stats, Unit
from w2v_cli.settings.config import ENGINE_BY_LOSS, LOSSES, Config

LOSS_OF = {engine: loss for loss, engine in ENGINE_BY_LOSS.items()}
"""Engines that train one loss only, and which."""


@dataclass(frozen=True)
class Speed:
    """words_per_second: raw corpus words, left-out and thinned-out ones included."""

    engine: str
    loss: str
    n_threads: int
    deterministic: bool
    words_per_second: float


def measure_engines(
    corpus: EncodedCorpus,
    dim: int,
    threads: Sequence[int],
    seconds: float,
    notice: Callable[[str], None],
) -> Iterator[Speed]:
    """Train with every engine for about `seconds` each and yield its speed.

    The softmax engine passes over counts, not over the text: its words are those the counts stand
    for.
    """
    jobs = [("numba", n, deterministic) for deterministic in (False, True) for n in threads]
    for engine, n, deterministic in [*jobs, ("softmax", max(threads), False), ("numpy", 1, False)]:
        config = Config(
            dim=dim,
            engine=engine,
            loss=LOSS_OF.get(engine, LOSSES[0]),
            n_threads=n,
            deterministic=deterministic,
        ).resolved()
        with running_engine(config, corpus, notice) as running:
            if running is not None:
                speed = measure(running, seconds, config.lr or 0.0).words_per_second
                yield Speed(engine, config.loss, n, deterministic, speed)


@contextmanager
def running_engine(
    config: Config, corpus: EncodedCorpus, notice: Callable[[str], None]
) -> Iterator[Engine | None]:
    """Yield an engine for the time of a `with`; None where it does not work on this machine."""
    with tempfile.TemporaryDirectory() as cache:
        engine = create_engine(config, corpus, Path(cache), notice)
        try:
            yield engine if engine.name == config.engine else None
        finally:
            engine.close()


@dataclass
class Measured:
    """What was done in the time that it took."""

    stats: Stats
    n_units: int
    seconds: float

    @property
    def words_per_second(self) -> float:
        """Raw corpus words a second."""
        return self.stats.n_tokens / self.seconds


REPEATS = 3


def measure(engine: Engine, seconds: float, lr: float) -> Measured:
    """Train for about `seconds`, in three pieces, and return the fastest: other work on the
    machine can only slow a piece down.
    """
    pieces = [_train_for(engine, seconds / REPEATS, lr) for _ in range(REPEATS)]
    return min(pieces, key=lambda piece: piece.seconds / piece.n_units)


def _train_for(engine: Engine, seconds: float, lr: float) -> Measured:
    """Train epoch after epoch until the time is up, one unit at least."""
    stats, n_units = Stats(), 0
    start = time.perf_counter()

    def units() -> Iterator[Unit]:
        for epoch in itertools.count():
            for index in range(engine.n_units):
                if (epoch or index) and time.perf_counter() - start > seconds:
                    return
                yield Unit(epoch, index, lr)

    for _, done in engine.train(units()):
        stats.add(done)
        n_units += 1
    return Measured(stats, n_units, time.perf_counter() - start)
