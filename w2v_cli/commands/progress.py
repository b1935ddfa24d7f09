"""Progress on stderr, a line on a terminal and plain lines elsewhere, and the stop signals."""

import os
import signal
import sys
import threading
import time
from contextlib import nullcontext, suppress
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

import click
from msgspec import UNSET

from w2v_cli.commands.plain_text import printable, wrapped
from w2v_cli.commands.progress_line import Phase, ProgressLine, short, terminal_columns

if TYPE_CHECKING:  # what trains is imported while the line is already there
    from w2v_cli.training.report import Report
    from w2v_cli.training.run import TrainingRun
    from w2v_cli.training.trainer import Event

PLAIN_LINE_SECONDS = 10.0
#: Of more epochs than this, only every second, third, … is shown, and the last.
MOST_EPOCH_LINES = 30
_UNITS = {"reading": "bytes", "encoding": "bytes", "counting": "bytes", "checking": "bytes"}
_UNITS |= {"numbering": "words", "counting pairs": "words"}

#: The line at the foot of the terminal while there is one: who writes takes it away for that time.
_line: ProgressLine | None = None


def tell(message: str) -> None:
    """Write a line to stderr; that nobody can read it any more ends no training."""
    text = printable(message)
    with suppress(OSError, ValueError):
        if sys.stderr.isatty():
            text = wrapped(text, terminal_columns(sys.stderr))
        with _line.above() if _line is not None else nullcontext():
            click.echo(text, err=True)


def notice(message: str) -> None:
    """Tell the user something on stderr."""
    tell(f"note: {message}")


#: In so long a call from C code into Python is over.
_SECONDS_TO_RETURN = 0.05


class StopSignals:
    """Ctrl-C, SIGTERM and SIGHUP: cleanly once `defer` was called, before that by an exception.

    Before `defer` there is nothing to save, and what was begun is cleared away. A second signal
    ends the process at once; the last checkpoint stands.

    A signal that comes while C code calls Python back, as when compiled code is loaded, raises its
    exception where Python can only ignore it. Then the signal is sent again.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        self._deferred = False
        self._sent_again = False
        self._previous: dict[int, Any] = {}

    def __enter__(self) -> "StopSignals":
        names = ("SIGINT", "SIGTERM", "SIGHUP")
        for number in [getattr(signal, name) for name in names if hasattr(signal, name)]:
            if number != signal.SIGINT and signal.getsignal(number) == signal.SIG_IGN:
                continue  # as nohup asks
            self._previous[number] = signal.signal(number, self._handle)
        self._previous_hook, sys.unraisablehook = sys.unraisablehook, self._ignored
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        sys.unraisablehook = self._previous_hook
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        stopped = self.received is not None and not self._deferred
        if stopped and error is not None and not isinstance(error, SystemExit):
            # A library that was being imported may have turned our exception into its own.
            sys.exit(128 + (self.received or 0))

    def defer(self) -> None:
        """From now on the first signal only asks to stop."""
        self._deferred = True

    def exit(self, message: str) -> None:
        """Leave with the exit code of the signal that came: 130, 143 or 129."""
        tell(message)
        sys.exit(128 + (self.received or signal.SIGINT))

    def _ignored(self, ignored: "sys.UnraisableHookArgs") -> None:
        is_ours = self.received is not None and isinstance(ignored.exc_value, SystemExit)
        if not is_ours or self._deferred:
            self._previous_hook(ignored)
            return
        timer = threading.Timer(_SECONDS_TO_RETURN, self._send_again)
        timer.daemon = True
        timer.start()

    def _send_again(self) -> None:
        self._sent_again = True
        signal.pthread_kill(threading.main_thread().ident or 0, self.received or signal.SIGINT)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self._sent_again:
            self._sent_again = False
            sys.exit(128 + number)
        if self.received is not None:
            os._exit(128 + number)
        self.received = number
        if not self._deferred:
            tell("stopping")
            sys.exit(128 + number)


class ProgressDisplay:
    """Shows what a run is doing: share done, words/s, loss per pair, time left."""

    def __init__(self) -> None:
        self._phase = Phase("starting", 0)
        self._shown_at = time.monotonic()
        self._epochs = 1
        self._latest: Report | None = None

    def __enter__(self) -> "ProgressDisplay":
        global _line  # noqa: PLW0603
        if sys.stderr.isatty():
            _line = ProgressLine(sys.stderr)
            _line.show(self._phase)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def notice(self, message: str) -> None:
        """Tell the user something, above the line if there is one."""
        notice(message)

    def reading(
        self, phase: str, done: int, total: int, n_tokens: int = 0, files: tuple[int, int] = (0, 0)
    ) -> None:
        """Show how far the preparation has come; see `corpus.reading.Progress`."""
        if phase != self._phase.name:
            self._open(Phase(phase, total, _UNITS.get(phase, "")))
            if _line is None:
                tell(phase if " " in phase else f"{phase} the corpus")
        shown = self._phase
        shown.done, shown.total, shown.n_tokens, shown.files = done, total, n_tokens, files
        self._update()

    def start(self, run: "TrainingRun") -> None:
        """Say what is going to be trained."""
        model, corpus = run.settings.model, run.corpus
        tell(
            f"{corpus.n_tokens:,} words, vocabulary {len(corpus.vocabulary):,};"
            f" {model.model}, {model.loss}, dim {model.dim}, engine {run.engine.name}"
        )
        self._epochs = run.settings.training.epochs
        total, first = run.trainer.total, run.position.done
        if first:
            state = "finished already" if run.position.finished else "continuing"
            tell(f"{state}: {first / total:.0%} of the training is done")
        self._open(Phase("training", total, first=first))

    def show(self, event: "Event") -> None:
        """Show one event of the trainer."""
        from w2v_cli.training.trainer import Reported, Ticked

        if isinstance(event, Reported):
            self._latest = event.report
            self._phase.text = _short_figures(event.report)
            if event.report.is_epoch and self._shows_epoch(event.report):
                self._epoch_line(event.report)
        elif isinstance(event, Ticked):
            self._phase.done = event.done
            self._update()

    def finish(self, run: "TrainingRun") -> None:
        """Say what came out."""
        self._close()
        position = run.position
        seconds = position.elapsed_seconds
        speed = f", {position.n_tokens / seconds:,.0f} words/s" if seconds >= 1e-3 else ""
        tell(
            f"trained {position.n_tokens:,} words in {seconds:.1f} s{speed};"
            f" vectors in {run.folder.vectors}"
        )
        if self._latest is not None and self._latest.start_cosine is not UNSET:
            tell(
                f"known words are at a mean cosine of {self._latest.start_cosine:.3f} to the"
                " vectors they started from"
            )

    def _shows_epoch(self, report: "Report") -> bool:
        """Whether the epoch gets a line: what hooks found always does."""
        watched = report.held_out_loss is not UNSET or bool(report.eval)
        every = -(-self._epochs // MOST_EPOCH_LINES)
        return watched or report.epoch % every == 0 or report.epoch == self._epochs

    def _epoch_line(self, report: "Report") -> None:
        line = f"epoch {report.epoch}: {_figures(report)}"
        if report.held_out_loss is not UNSET:
            line += f", held out {report.held_out_loss:.4f}"
        if report.start_cosine is not UNSET:
            line += f", known words at cosine {report.start_cosine:.3f} to their start"
        for name, score in (report.eval or {}).items():
            line += f", {name} {'-' if score is None else format(score, '.3f')}"
        tell(line)

    def _open(self, phase: Phase) -> None:
        self._phase, self._shown_at = phase, time.monotonic()
        if _line is not None:
            _line.show(phase)

    def _update(self) -> None:
        """Draw the line again; without a terminal, write one from time to time."""
        if _line is not None:
            _line.update()
        elif time.monotonic() - self._shown_at > PLAIN_LINE_SECONDS:
            self._shown_at = time.monotonic()
            tell(self._phase.plain())

    def hide(self) -> None:
        """Take the line away; the next phase shows it again."""
        if _line is not None:
            _line.show(None)

    def _close(self) -> None:
        global _line  # noqa: PLW0603
        if _line is not None:
            _line.close()
            _line = None


def _short_figures(report: "Report") -> str:
    """What the line has room for."""
    parts = [] if report.loss is None else [f"loss {report.loss:.3f}"]
    speed = report.words_per_second
    return ", ".join([*parts, *([] if speed is None else [f"{short(speed)} words/s"])])


def _figures(report: "Report") -> str:
    loss = "-" if report.loss is None else f"{report.loss:.4f}"
    if report.perplexity is not UNSET:
        loss += f" (perplexity {report.perplexity:{',.0f' if report.perplexity < 1e7 else '.1e'}})"
    speed = report.words_per_second
    words = "-" if speed is None else f"{speed:,.0f}"
    return f"loss {loss}, {words} words/s, lr {report.lr:.3g}"
