"""The training loop: gives units of work to an engine and yields events. It never prints.

The file defines the report (one line of `metrics.jsonl`), the learning rate, and the loop with its
position, its hooks and its events.
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from w2v_cli.engines.base import Engine, Stats, Unit
from w2v_cli.engines.settings import TrainingSettings
from w2v_cli.errors import RunError
from w2v_cli.json_types import Json

# The lines of `metrics.jsonl`. The README's table is generated from this type.


class Report(Struct, frozen=True, kw_only=True):
    """Figures since the last report, or for a whole epoch. Unset: not measured in this run."""

    event: Annotated[
        Literal["report", "epoch"],
        Meta(description="`report`: since the last report; `epoch`: for the whole epoch"),
    ]
    epoch: Annotated[int, Meta(description="number of the epoch, starting at 1")]
    progress: Annotated[float, Meta(description="share of the training done so far, 0 to 1")]
    n_tokens: Annotated[int, Meta(description="tokens read so far, dropped ones included")]
    elapsed_seconds: Annotated[
        float, Meta(description="training time so far, over all sessions of the run")
    ]
    words_per_second: Annotated[
        float | None, Meta(description="tokens per second; null: too short to measure")
    ]
    loss: Annotated[
        float | None,
        Meta(
            description="exact mean loss per pair, summed in float64; with ppmi the share of the"
            " matrix not explained; null: no pairs"
        ),
    ]
    lr: Annotated[float, Meta(description="learning rate")]
    perplexity: Annotated[float | UnsetType, Meta(description="exp(loss); with naive softmax")] = (
        UNSET
    )
    held_out_loss: Annotated[
        float | UnsetType,
        Meta(
            description="loss per pair on the held-out documents, after each epoch; with"
            " `--holdout`"
        ),
    ] = UNSET
    held_out_perplexity: Annotated[
        float | UnsetType, Meta(description="exp(held_out_loss); with naive softmax")
    ] = UNSET
    start_cosine: Annotated[
        float | UnsetType,
        Meta(
            description="mean cosine between known words' vectors and those they started from,"
            " after each epoch; with `--from`"
        ),
    ] = UNSET
    explained: Annotated[
        float | UnsetType,
        Meta(description="share of the matrix explained; with the spectral engine"),
    ] = UNSET
    residual: Annotated[
        float | UnsetType,
        Meta(description="residual of the eigenvectors; with the spectral engine"),
    ] = UNSET
    eval: Annotated[
        dict[str, float | None] | UnsetType,
        Meta(description="score by set, after each epoch; with `--eval`"),
    ] = UNSET

    @property
    def is_epoch(self) -> bool:
        """Whether this is the report of a whole epoch."""
        return self.event == "epoch"

    def as_dict(self) -> Json:
        """Return the figures by name, without unset ones."""
        content: Json = msgspec.to_builtins(self)
        return content


def describe_fields() -> list[tuple[str, str]]:
    """Return (key, description) for every field, for the documentation."""
    hints = get_type_hints(Report, include_extras=True)
    return [(name, hint.__metadata__[0].description) for name, hint in hints.items()]


def encode(report: Report) -> bytes:
    """Return one line of `metrics.jsonl`."""
    return msgspec.json.encode(report) + b"\n"


def read_metrics(path: Path) -> list[Report]:
    """Read `metrics.jsonl`. An incomplete last line (after a power cut) is dropped.

    Raises RunError for any other line that is not a report.
    """
    if not path.exists():
        return []
    lines = path.read_bytes().split(b"\n")
    reports = []
    for number, line in enumerate(lines, 1):
        try:
            if line:
                reports.append(msgspec.json.decode(line, type=Report))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            if number < len(lines):
                text = line[:60].decode("utf-8", "replace")
                raise RunError(f"{path}: line {number} is not a report: {text!r}") from None
    return reports


# The learning rate over a run, the same for every engine.


@dataclass(frozen=True)
class Schedule:
    """How the learning rate falls.

    linear: from `lr` to `min_lr` with progress, as word2vec.c does. halving: halved after every
    `halve_every` of `steps` steps, as CS224n does. constant: stays at `lr`.
    """

    kind: str
    lr: float
    min_lr: float = 0.0
    halve_every: int = 1
    steps: int = 1

    def lr_at(self, done: int, total: int) -> float:
        """Learning rate after `done` of `total` units of work."""
        if self.kind == "linear":
            return max(self.min_lr, self.lr * (1.0 - done / total))
        if self.kind == "halving":
            return self.lr * 0.5 ** (done * self.steps // (total * self.halve_every))
        return self.lr


def create_schedule(training: TrainingSettings) -> Schedule:
    """Return the schedule of a training, without what its kind does not use."""
    used = {
        name: value
        for name in ("min_lr", "halve_every", "steps")
        if (value := getattr(training, name)) is not None
    }
    return Schedule(training.lr_schedule, training.lr, **used)


# The loop.

#: Number of reports per run, evenly spaced by work, not by time.
REPORTS_PER_RUN = 200
#: Threads report in bursts, so a rate over fewer seconds than this is meaningless.
SHORTEST_RATE = 1e-2


@dataclass(frozen=True)
class Best:
    """The lowest loss on held-out documents so far, and the epoch after which it was measured."""

    loss: float
    epoch: int


@dataclass
class Position:
    """How far a run has come: what a resume needs besides the engine's arrays.

    done: finished units, of `total`. n_tokens, n_pairs, elapsed_seconds: totals over all sessions.
    epoch, report: sums since the end of the last epoch and since the last report. metrics_bytes:
    length of metrics.jsonl at this point. finished: nothing is left to do.
    """

    done: int = 0
    total: int = 0
    n_tokens: int = 0
    n_pairs: float = 0.0
    elapsed_seconds: float = 0.0
    epoch: Stats = field(default_factory=Stats)
    epoch_seconds: float = 0.0
    report: Stats = field(default_factory=Stats)
    report_seconds: float = 0.0
    metrics_bytes: int = 0
    finished: bool = False
    best: Best | None = None

    def to_json(self) -> Json:
        """Return plain values for a checkpoint."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Position":
        """Read what `to_json` returned. Raises msgspec.ValidationError for anything else."""
        return msgspec.convert(dict(content), cls)


@dataclass(frozen=True)
class EpochEnd:
    """The argument of a hook. epoch: number of the epoch that ended, starting at 1."""

    epoch: int
    engine: Engine
    best: Best | None


@dataclass(frozen=True)
class Finding:
    """The result of a hook: figures for the report, the best epoch so far, why to stop or ""."""

    figures: Mapping[str, Any]
    best: Best | None = None
    stop: str = ""


Hook = Callable[[EpochEnd], Finding]


@dataclass(frozen=True)
class Ticked:
    """A unit is done (for the progress bar)."""

    done: int
    n_tokens: int


@dataclass(frozen=True)
class Reported:
    """A line of `metrics.jsonl`. notice: a further message for the user, or ""."""

    report: Report
    notice: str = ""


@dataclass(frozen=True)
class Paused:
    """The engine is idle and its state is consistent, so a checkpoint can be written."""

    epoch_ended: bool


Event = Ticked | Reported | Paused


class Trainer:
    """Trains `epochs` × `engine.n_units` units from `position` on.

    hooks: called in order at the end of each epoch. pause: called before each unit with the number
    of finished units; if it returns true, the engine comes to rest and the loop yields `Paused`.
    has_perplexity: exp(loss) is reported too.
    """

    def __init__(
        self,
        engine: Engine,
        schedule: Schedule,
        epochs: int,
        position: Position,
        *,
        hooks: Sequence[Hook] = (),
        pause: Callable[[int], bool] = lambda done: False,
        clock: Callable[[], float] = time.perf_counter,
        has_perplexity: bool = False,
    ) -> None:
        self.engine = engine
        self.schedule = schedule
        self.position = position
        self.total = epochs * engine.n_units
        self._report_every = max(1, self.total // REPORTS_PER_RUN)
        self._hooks = hooks
        self._pause = pause
        self._clock = clock
        self._has_perplexity = has_perplexity

    def run(self) -> Iterator[Event]:
        """Train to the end; to stop, close the generator at a `Paused`."""
        self.position.total = self.total
        while not self.position.finished and self.position.done < self.total:
            yield from self._train_until_pause()
            epoch_ended = self.position.done % self.engine.n_units == 0
            if epoch_ended and self.position.epoch_seconds > 0:
                yield self._end_epoch()
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
                yield self._report(unit.epoch)
                last = self._clock()

    def _units(self) -> Iterator[Unit]:
        """Yield the remaining units of this epoch, until a pause is due."""
        n_units = self.engine.n_units
        epoch, first = divmod(self.position.done, n_units)
        for index in range(first, n_units):
            done = epoch * n_units + index
            if index > first and self._pause(done):
                return
            yield Unit(epoch, index, self.schedule.lr_at(done, self.total))

    def _add(self, stats: Stats, seconds: float) -> None:
        position = self.position
        position.done += 1
        position.n_tokens += stats.n_tokens
        position.n_pairs += stats.n_pairs
        position.elapsed_seconds += seconds
        position.epoch_seconds += seconds
        position.report_seconds += seconds
        position.epoch.add(stats)
        position.report.add(stats)

    def _report(self, epoch: int) -> Reported:
        position = self.position
        # Threads finish units out of order, so the rate is taken from the progress.
        lr = self.schedule.lr_at(position.done - 1, self.total)
        figures = self._figures(epoch, position.report, position.report_seconds, lr)
        position.report, position.report_seconds = Stats(), 0.0
        return Reported(self._record("report", figures))

    def _end_epoch(self) -> Reported:
        """Report an epoch, with what the hooks find."""
        position = self.position
        epoch = position.done // self.engine.n_units - 1
        lr = self.schedule.lr_at(position.done - 1, self.total)
        figures = self._figures(epoch, position.epoch, position.epoch_seconds, lr)
        position.finished |= position.epoch.is_enough
        position.epoch, position.epoch_seconds = Stats(), 0.0
        reasons = []
        for hook in self._hooks:
            finding = hook(EpochEnd(epoch + 1, self.engine, position.best))
            figures |= finding.figures
            position.best = finding.best
            position.finished |= bool(finding.stop)
            reasons += [finding.stop] if finding.stop else []
        return Reported(self._record("epoch", figures), "; ".join(reasons))

    def _figures(self, epoch: int, stats: Stats, seconds: float, lr: float) -> Json:
        return {
            "epoch": epoch + 1,
            "progress": self.position.done / self.total,
            "n_tokens": self.position.n_tokens,
            "elapsed_seconds": self.position.elapsed_seconds,
            "words_per_second": stats.n_tokens / seconds if seconds >= SHORTEST_RATE else None,
            "loss": stats.mean_loss if stats.n_pairs else None,
            "lr": lr,
            **stats.figures,
        }

    def _record(self, event: Any, figures: Json) -> Report:
        if self._has_perplexity:
            for name in ("loss", "held_out_loss"):
                if figures.get(name) is not None:
                    perplexity = math.exp(min(figures[name], 700.0))
                    figures[name.replace("loss", "perplexity")] = perplexity
        return Report(event=event, **figures)
