"""Words per second of each engine and number of threads."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from w2v_cli.engines.base import Engine, Notice
from w2v_cli.engines.catalog import ENGINES, create_engine
from w2v_cli.engines.settings import CorpusFigures, EngineSettings
from w2v_cli.errors import RunError
from w2v_cli.settings.config import Config
from w2v_cli.settings.resolve import resolve
from w2v_cli.text.encoded import EncodedCorpus
from w2v_cli.training.pace import Measured, train_for


@dataclass(frozen=True)
class Speed:
    """words_per_second: raw corpus words, dropped and subsampled ones included.

    variant: the settings that differ from the engine's defaults, as options.
    """

    engine: str
    loss: str
    n_threads: int
    variant: str
    words_per_second: float


def measure_engines(
    corpus: EncodedCorpus,
    dim: int,
    threads: Sequence[int],
    seconds: float,
    notice: Notice,
) -> Iterator[Speed]:
    """Train with every engine for about `seconds` each and yield its speed.

    An engine that trains on counts does not pass over the text: its words are those that the
    counts stand for.
    """
    figures = CorpusFigures(corpus.n_tokens, len(corpus.vocabulary))
    for offer in ENGINES.values():
        for given in offer.benchmarks:
            chosen = Config(engine=offer.name, dim=dim, **given)
            jobs = {resolve(chosen, figures, cores=n): None for n in threads}
            for settings in jobs:
                with running_engine(settings, corpus, notice) as engine:
                    if engine is None:
                        continue
                    speed = measure(engine, seconds, settings.training.lr).words_per_second
                    n_threads = settings.training.n_threads
                    yield Speed(offer.name, settings.model.loss, n_threads, _options(given), speed)


def _options(given: Mapping[str, Any]) -> str:
    return " ".join(
        f"--{name.replace('_', '-')}" + ("" if value is True else f" {value}")
        for name, value in given.items()
        if name != "loss"
    )


@contextmanager
def running_engine(
    settings: EngineSettings, corpus: EncodedCorpus, notice: Notice
) -> Iterator[Engine | None]:
    """Yield an engine for the time of a `with`; None where it does not work on this machine."""
    with tempfile.TemporaryDirectory() as cache:
        try:
            engine = create_engine(settings, corpus, Path(cache), notice)
        except RunError as error:
            notice(str(error))
            yield None
            return
        try:
            yield engine
        finally:
            engine.close()


REPEATS = 3


def measure(engine: Engine, seconds: float, lr: float) -> Measured:
    """Train for about `seconds`, in three pieces, and return the fastest: other work on the
    machine can only slow a piece down.
    """
    pieces = [train_for(engine, seconds / REPEATS, lr) for _ in range(REPEATS)]
    return min(pieces, key=lambda piece: piece.seconds / piece.n_units)
