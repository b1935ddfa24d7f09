"""Progress on stderr, a bar on a terminal and plain lines elsewhere, and the stop signals."""

import os
import signal
import sys
import time
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Any, TextIO

import click
from msgspec import UNSET

from w2v_cli.commands.plain_text import printable
from w2v_cli.training.metrics import Report
from w2v_cli.training.run import TrainingRun
from w2v_cli.training.trainer import Event, Reported, Ticked

PLAIN_LINE_SECONDS = 10.0
_BAR = "{desc} {percentage:3.0f}%|{bar}| {elapsed}<{remaining}{postfix}"


def tell(message: str) -> None:
    """Write a line to stderr; that nobody can read it any more ends no training."""
    with suppress(OSError, ValueError):
        click.echo(printable(message), err=True)


def notice(message: str) -> None:
    """Tell the user something on stderr."""
    tell(f"note: {message}")


class _Stderr:
    """Standard error for the bar: what cannot be written is dropped."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError, ValueError):
            return self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class StopSignals:
    """Ctrl-C, SIGTERM and SIGHUP: cleanly once `defer` was called, before that by an exception.

    Before `defer` there is nothing to save, and what was begun is cleared away. A second signal
    ends the process at once; the last checkpoint stands.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        self._deferred = False
        self._previous: dict[int, Any] = {}

    def __enter__(self) -> "StopSignals":
        names = ("SIGINT", "SIGTERM", "SIGHUP")
        for number in [getattr(signal, name) for name in names if hasattr(signal, name)]:
            if number != signal.SIGINT and signal.getsignal(number) == signal.SIG_IGN:
                continue  # as nohup asks
            self._previous[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, *exception: object) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def defer(self) -> None:
        """From now on the first signal only asks to stop."""
        self._deferred = True

    def exit(self, message: str) -> None:
        """Leave with the exit code of the signal that came: 130, 143 or 129."""
        tell(message)
        sys.exit(128 + (self.received or signal.SIGINT))

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.received is not None:
            os._exit(128 + number)
        self.received = number
        if not self._deferred:
            tell("stopping")
            sys.exit(128 + number)


class ProgressDisplay:
    """Shows what a run is doing: share done, words/s, loss per pair, learning rate, time left."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._terminal = sys.stderr.isatty()
        self._shown_at = 0.0
        self._phase = ""
        self._total = 1
        self._first = 0
        self._started_at = 0.0
        self._latest: Report | None = None

    def __enter__(self) -> "ProgressDisplay":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def notice(self, message: str) -> None:
        """Tell the user something, above the bar if there is one."""
        if self._bar is not None:
            self._bar.clear()
        notice(message)

    def reading(self, phase: str, done: int, total: int) -> None:
        """Show how much of the corpus has been counted or encoded."""
        if not self._terminal:
            if phase != self._phase:
                tell(f"{phase} the corpus")
            self._phase = phase
            return
        if phase != self._phase:
            self._open(phase, max(total, 1))
            self._phase = phase
        self._bar.update(done - self._bar.n)

    def start(self, run: TrainingRun) -> None:
        """Say what is going to be trained, and open the bar."""
        self._close()
        model, corpus = run.settings.model, run.corpus
        tell(
            f"{corpus.n_tokens:,} words, vocabulary {len(corpus.vocabulary):,};"
            f" {model.loss}, dim {model.dim}, engine {run.engine.name}"
        )
        self._total = run.trainer.total
        self._first = run.position.done
        if self._first:
            state = "finished already" if run.position.finished else "continuing"
            tell(f"{state}: {self._first / self._total:.0%} of the training is done")
        self._started_at = self._shown_at = time.monotonic()
        if self._terminal:
            self._open("training", self._total, self._first)

    def show(self, event: Event) -> None:
        """Show one event of the trainer."""
        if isinstance(event, Reported):
            self._latest = event.report
            if event.report.is_epoch:
                self._epoch_line(event.report)
            elif self._bar is not None:
                self._bar.set_postfix_str(_figures(event.report), refresh=False)
        elif isinstance(event, Ticked):
            if self._bar is not None:
                self._bar.update(event.done - self._bar.n)
            elif time.monotonic() - self._shown_at > PLAIN_LINE_SECONDS:
                self._plain_line(event.done)

    def finish(self, run: TrainingRun) -> None:
        """Say what came out."""
        self._close()
        position = run.position
        seconds = position.elapsed_seconds
        speed = f", {position.n_tokens / seconds:,.0f} words/s" if seconds > 0 else ""
        tell(
            f"trained {position.n_tokens:,} words in {seconds:.1f} s{speed};"
            f" vectors in {run.folder.vectors}"
        )
        if self._latest is not None and self._latest.start_cosine is not UNSET:
            tell(
                f"known words are at a mean cosine of {self._latest.start_cosine:.3f} to the"
                " vectors they started from"
            )

    def _epoch_line(self, report: Report) -> None:
        line = f"epoch {report.epoch}: {_figures(report)}"
        if report.held_out_loss is not UNSET:
            line += f", held out {report.held_out_loss:.4f}"
        if report.start_cosine is not UNSET:
            line += f", known words at cosine {report.start_cosine:.3f} to their start"
        for name, score in (report.eval or {}).items():
            line += f", {name} {'-' if score is None else format(score, '.3f')}"
        if self._bar is not None:
            self._bar.clear()
        tell(line)

    def _plain_line(self, done: int) -> None:
        self._shown_at = time.monotonic()
        rate = (done - self._first) / (self._shown_at - self._started_at)
        left = f"{(self._total - done) / rate:,.0f} s left" if rate > 0 else ""
        figures = f", {_figures(self._latest)}" if self._latest else ""
        tell(f"{done / self._total:4.0%}{figures}, {left}")

    def _open(self, name: str, total: int, initial: int = 0) -> None:
        from tqdm import tqdm

        self._close()
        self._bar = tqdm(
            total=total,
            initial=initial,
            desc=name,
            bar_format=_BAR,
            file=_Stderr(sys.stderr),
            leave=False,
            dynamic_ncols=True,
        )

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def _figures(report: Report) -> str:
    loss = "-" if report.loss is None else f"{report.loss:.4f}"
    if report.perplexity is not UNSET:
        loss += f" (perplexity {report.perplexity:{',.0f' if report.perplexity < 1e7 else '.1e'}})"
    speed = report.words_per_second
    words = "-" if speed is None else f"{speed:,.0f}"
    return f"loss {loss}, {words} words/s, lr {report.lr:.3g}"
