"""The number of epochs of a new run: chosen by the size of its corpus, or to fit a time budget.

`--minutes` trains an engine for a few seconds and discards it, so that the run is the same as if
--epochs had been given. The price: the engine is built twice.
"""

import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from w2v_cli.engines.base import Engine, Notice, Stats, Unit
from w2v_cli.engines.catalog import ENGINES
from w2v_cli.engines.settings import CorpusFigures
from w2v_cli.settings.fields import Value
from w2v_cli.settings.run_settings import RunSettings

#: Speed is measured for this share of the time, but at most for this many seconds.
_SHARE, _LONGEST = 0.05, 5.0


class Clock:
    """Counts the seconds since a run began."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._start


@dataclass
class Measured:
    """The work that was done, and the seconds it took."""

    stats: Stats
    n_units: int
    seconds: float

    @property
    def words_per_second(self) -> float:
        """Tokens per second, dropped ones included."""
        return self.stats.n_tokens / self.seconds


def train_for(engine: Engine, seconds: float, lr: float) -> Measured:
    """Train epoch after epoch until the time is up, at least one unit."""
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


def chosen_epochs(given: Mapping[str, Value], settings: RunSettings, figures: CorpusFigures) -> str:
    """Return one line on the number of epochs that was chosen, and why; "": the user gave it.

    given: the settings that the user gave. settings: the resolved ones.
    """
    training = settings.training
    if not {"epochs", "steps", "minutes"}.isdisjoint(given):
        return ""
    reason_of = ENGINES[training.engine].reason
    if reason_of is None:
        return ""
    reason = reason_of(figures)
    if training.start_from is not None:
        reason += " and vectors to start from"
    epochs = f"{training.epochs} epoch{'s' if training.epochs > 1 else ''}"
    rate = "" if "lr" in given else f", learning rate {training.lr:g}"
    return f"{epochs}{rate}: chosen for {reason} (--epochs and --lr choose others)"


def fix_epochs(
    settings: RunSettings, create: Callable[[RunSettings], Engine], clock: Clock, notice: Notice
) -> RunSettings:
    """Replace `minutes` by the number of epochs that fit into them, at least one.

    Args:
        settings: of a run with `minutes`.
        create: builds the engine; its training is discarded.
        clock: started when the run began.
        notice: called with the measured speed.
    """
    training = settings.training
    limit = 60 * (training.minutes or 0.0)
    engine = create(replace(settings, training=replace(training, epochs=1)))
    try:
        seconds = min(_LONGEST, _SHARE * max(limit - clock.elapsed(), 0.0))
        pace = train_for(engine, seconds, training.lr)
        epoch = pace.seconds / pace.n_units * engine.n_units
    finally:
        engine.close()
    left = limit - clock.elapsed()
    n_epochs = max(1, int(left / epoch))
    notice(_measured(training.minutes or 0.0, n_epochs, epoch, left))
    return replace(settings, training=replace(training, epochs=n_epochs, minutes=None))


def _measured(minutes: float, n_epochs: int, epoch: float, left: float) -> str:
    shown = f"{epoch:.2g} s" if epoch < 100 else f"{epoch / 60:.1f} minutes"
    limit = f"{minutes:g} minute{'' if minutes == 1 else 's'}"
    if left < epoch:
        return (
            f"an epoch takes about {shown}, more than what is left of {limit}; training one epoch"
        )
    return f"an epoch takes about {shown}: {n_epochs} fit into {limit}"
