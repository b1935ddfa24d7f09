"""The training loop: hands units of work to an engine and yields events. It never prints."""

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from w2v_cli.engines.base import Engine, Stats, Unit
from w2v_cli.training.schedule import Schedule

#: So many reports a run, evenly spaced; their places depend on the work only, not on the clock.
REPORTS_A_RUN = 200


@dataclass
class Position:
    """How far a run has come: all that a resume needs besides the engine's arrays.

    done: units finished since the start. n_tokens, elapsed_seconds: since the start, over all
    sessions. epoch, report: sums since the last epoch's end and the last report.
    metrics_bytes: length of metrics.jsonl at this point. best_loss, best_epoch: the lowest loss on
    held-out documents so far, and the epoch it came after.
    """

    done: int = 0
    n_tokens: int = 0
    elapsed_seconds: float = 0.0
    epoch: Stats = field(default_factory=Stats)
    epoch_seconds: float = 0.0
    report: Stats = field(default_factory=Stats)
    report_seconds: float = 0.0
    metrics_bytes: int = 0
    finished: bool = False
    best_loss: float | None = None
    best_epoch: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return plain numbers, for a checkpoint."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "Position":
        """Take back what `to_json` gave."""
        sums = {name: Stats(**content[name]) for name in ("epoch", "report")}
        return cls(**{**content, **sums})


@dataclass(frozen=True)
class Ticked:
    """A unit is done: for the progress bar."""

    done: int
    n_tokens: int


@dataclass(frozen=True)
class Reported:
    """Figures for `metrics.jsonl`: since the last report, or of a whole epoch."""

    metrics: dict[str, Any]
    is_epoch: bool


@dataclass(frozen=True)
class Paused:
    """The engine is at rest and its state consistent: the moment for a checkpoint."""

    epoch_ended: bool


Event = Ticked | Reported | Paused


class Trainer:
    """Trains `epochs` × `engine.n_units` units from `position` on.

    pause: is asked before each unit whether training should come to rest; the loop then yields
    `Paused` and goes on when it is resumed.
    """

    def __init__(
        self,
        engine: Engine,
        schedule: Schedule,
        epochs: int,
        position: Position,
        pause: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.engine = engine
        self.schedule = schedule
        self.epochs = epochs
        self.position = position
        self.total = epochs * engine.n_units
        self._report_every = max(1, self.total // REPORTS_A_RUN)
        self._pause = pause
        self._clock = clock

    def run(self) -> Iterator[Event]:
        """Train to the end; close the generator at a `Paused` to stop there.

        `position.finished`, set while an epoch's report is seen, makes that epoch the last.
        """
        while not self.position.finished and self.position.done < self.total:
            yield from self._train_until_pause()
            epoch_ended = self.position.done % self.engine.n_units == 0
            if epoch_ended and self.position.epoch_seconds > 0:
                yield self._epoch_report()
            self.position.finished |= self.position.done == self.total
            yield Paused(epoch_ended)

    def _train_until_pause(self) -> Iterator[Event]:
        position = self.position
        last = self._clock()
        for unit, stats in self.engine.train(self._units()):
            now = self._clock()
            self._add(stats, now - last)
            last = now
            yield Ticked(position.done, position.n_tokens)
            if position.done % self._report_every == 0:
                yield self._report(unit)
                last = self._clock()

    def _units(self) -> Iterator[Unit]:
        """Hand out the units of this epoch that are left, until a pause is due."""
        n_units = self.engine.n_units
        epoch, first = divmod(self.position.done, n_units)
        for index in range(first, n_units):
            if index > first and self._pause():
                return
            yield Unit(epoch, index, self.schedule.lr_at(epoch * n_units + index, self.total))

    def _add(self, stats: Stats, seconds: float) -> None:
        position = self.position
        position.done += 1
        position.n_tokens += stats.n_tokens
        position.elapsed_seconds += seconds
        position.epoch_seconds += seconds
        position.report_seconds += seconds
        position.epoch.add(stats)
        position.report.add(stats)

    def _report(self, unit: Unit) -> Reported:
        position = self.position
        metrics = self._metrics(unit.epoch, position.report, position.report_seconds, unit.lr)
        position.report, position.report_seconds = Stats(), 0.0
        return Reported({"event": "report", **metrics}, is_epoch=False)

    def _epoch_report(self) -> Reported:
        position = self.position
        epoch = position.done // self.engine.n_units - 1
        lr = self.schedule.lr_at(position.done - 1, self.total)
        metrics = self._metrics(epoch, position.epoch, position.epoch_seconds, lr)
        position.epoch, position.epoch_seconds = Stats(), 0.0
        return Reported({"event": "epoch", **metrics}, is_epoch=True)

    def _metrics(self, epoch: int, stats: Stats, seconds: float, lr: float) -> dict[str, Any]:
        return {
            "epoch": epoch + 1,
            "progress": self.position.done / self.total,
            "n_tokens": self.position.n_tokens,
            "elapsed_seconds": self.position.elapsed_seconds,
            "words_per_second": stats.n_tokens / seconds if seconds > 0 else None,
            "loss": stats.mean_loss if stats.n_pairs else None,
            "lr": lr,
        }
