"""How many epochs a new run has: chosen by its corpus, or as many as fit into the minutes given.

`--minutes` trains an engine for a few seconds and throws it away: the run is then the same as if
its epochs had been typed. The price is that the engine is built twice.
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

#: Speed is measured for this share of the time, and at most for so many seconds.
_SHARE, _LONGEST = 0.05, 5.0


class Clock:
    """Counts the seconds since a run began."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def elapsed(self) -> float:
        """Seconds since then."""
        return time.monotonic() - self._start


@dataclass
class Measured:
    """What was done in the time that it took."""

    stats: Stats
    n_units: int
    seconds: float

    @property
    def words_per_second(self) -> float:
        """Raw corpus words per second."""
        return self.stats.n_tokens / self.seconds


def train_for(engine: Engine, seconds: float, lr: float) -> Measured:
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


def chosen_epochs(given: Mapping[str, Value], settings: RunSettings, figures: CorpusFigures) -> str:
    """Say in one line how many epochs were chosen for the user, and why; "": none were.

    given: what the user fixed. settings: what came of it.
    """
    training = settings.training
    if not {"epochs", "steps", "minutes"}.isdisjoint(given):
        return ""
    reason = ENGINES[training.engine].reason(figures)
    if training.start_from is not None:
        reason += " and vectors to start from"
    epochs = f"{training.epochs} epoch{'s' if training.epochs > 1 else ''}"
    rate = "" if "lr" in given else f", learning rate {training.lr:g}"
    return f"{epochs}{rate}: chosen for {reason} (--epochs and --lr choose others)"


def fix_epochs(
    settings: RunSettings, create: Callable[[RunSettings], Engine], clock: Clock, notice: Notice
) -> RunSettings:
    """Replace `minutes` by the number of epochs that fit into them, one at least.

    Args:
        settings: those of a run that has `minutes`.
        create: builds the engine; its training is thrown away.
        clock: when the run began.
        notice: is told what was measured.
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
        return f"an epoch takes about {shown}, which is more than is left of {limit}: training one"
    return f"an epoch takes about {shown}: {n_epochs} fit into {limit}"
