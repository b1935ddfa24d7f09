"""Progress on stderr (one line on a terminal, plain lines elsewhere), and the stop signals."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from threading import RLock, Thread
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, TextIO

import click
from msgspec import UNSET

from w2v_cli.commands.terminal import display_width, wrapped
from w2v_cli.errors import one_line

if TYPE_CHECKING:
    from w2v_cli.training.run import TrainingRun
    from w2v_cli.training.trainer import Event, Report


# One line at the foot of a terminal that shows how far a phase has come.
#
#     reading   42% ━━━━━━━━━━━━──────────────── 27 of 66 MB, 11 M words/s, 3 s left
#
# The line is narrower than the terminal: what does not fit is left out, the last part first. A
# thread redraws it twice a second, so that it keeps moving during work that reports nothing. Other
# output to the terminal goes through `above`, which removes the line for that time. tqdm does none
# of this: it shortens the bar, wraps when a note is printed, and stands still while code is
# compiled. Grading, with one short bar, uses tqdm.


REDRAW_SECONDS = 0.5
_SHORTEST_RATE = 0.5  # seconds; before that a rate means little
_BAR_WIDTHS = (28, 20, 12)
_PHASE_WIDTH = 9


@dataclass
class Phase:
    """How far one phase has come.

    done, first: of `total`; first: where this session began. total 0: unknown. unit: "bytes",
    "words" or "" (not shown). n_tokens: tokens so far, where `done` does not count them. files:
    number of the current file and of all files. text: shown instead of words per second.
    """

    name: str
    total: int
    unit: str = ""
    first: int = 0
    done: int = 0
    n_tokens: int = 0
    files: tuple[int, int] = (0, 0)
    text: str = ""
    clock: Callable[[], float] = time.monotonic
    began: float = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.clock()
        self.done = self.first

    @property
    def share(self) -> float:
        """The share that is done, 0 to 1."""
        return min(1.0, self.done / self.total) if self.total > 0 else 0.0

    def details(self) -> list[str]:
        """Details besides the share, the most important first."""
        seconds = self.clock() - self.began
        known = seconds >= _SHORTEST_RATE
        parts = []
        if self.first < self.done < self.total and known:
            left = seconds * (self.total - self.done) / (self.done - self.first)
            parts.append(f"{duration(left)} left")
        else:
            parts.append(duration(seconds))
        words = self.n_tokens or (self.done - self.first if self.unit == "words" else 0)
        if self.text:
            parts.append(self.text)
        elif words and known:
            parts.append(f"{short(words / seconds)} words/s")
        if self.unit == "bytes":
            parts.append(f"{short(self.done, 'B')} of {short(self.total, 'B')}")
        elif self.unit:
            parts.append(f"{short(self.done)} of {short(self.total)} {self.unit}")
        if self.files[1] > 1:
            parts.append(f"file {self.files[0]:,} of {self.files[1]:,}")
        return parts

    def plain(self) -> str:
        """Return one line for output that is not a terminal."""
        share = f"{self.share:.0%}, " if self.total > 0 else ""
        return f"{self.name}: {share}{', '.join(self.details())}"

    def line(self, columns: int, mark: str = "━", rest: str = "─") -> str:
        """Return one line of fewer than `columns` columns."""
        parts = self.details()
        if self.total <= 0:
            return f"{self.name:{_PHASE_WIDTH}} {', '.join(parts[:2])}"[: max(0, columns - 1)]
        head = f"{self.name:{_PHASE_WIDTH}} {self.share:4.0%} "
        for n in range(len(parts), -1, -1):
            text = ", ".join(parts[:n])
            for width in _BAR_WIDTHS:
                if display_width(head) + width + 1 + display_width(text) < columns:
                    full = round(self.share * width)
                    return f"{head}{mark * full}{rest * (width - full)} {text}".rstrip()
        return head.rstrip()[: max(0, columns - 1)]


def short(number: float, unit: str = "") -> str:
    """Return a number in three digits: 950, 12.3 k, 4.71 M, 10.0 GB."""
    for prefix in ("", "k", "M", "G", "T"):
        if number < 999.5 or prefix == "T":
            break
        number /= 1000
    digits = 0 if not prefix or number >= 99.95 else 1 if number >= 9.995 else 2
    return f"{number:.{digits}f} {prefix}{unit}".rstrip()


def duration(seconds: float) -> str:
    """Return seconds as 7 s, 2:05 or 1:02:05."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class ProgressLine:
    """The line on one terminal. Without a phase it shows nothing."""

    def __init__(self, stream: TextIO, redraw: float = REDRAW_SECONDS) -> None:
        self._stream = stream
        self._redraw = redraw
        self._lock = RLock()  # a signal's handler may write while the line is drawn
        self._phase: Phase | None = None
        self._shown = False
        self._drawn_at = 0.0
        self._ended = threading.Event()
        self._thread = Thread(target=self._tick, name="progress", daemon=True)
        self._thread.start()

    @property
    def phase(self) -> Phase | None:
        """The phase that is shown."""
        return self._phase

    def show(self, phase: Phase | None) -> None:
        """Show another phase, or nothing."""
        with self._lock:
            self._phase = phase
            self._draw()

    def update(self) -> None:
        """Redraw the line, if some time has passed."""
        if time.monotonic() - self._drawn_at > self._redraw / 5:
            with self._lock:
                self._draw()

    @contextmanager
    def above(self) -> Iterator[None]:
        """Remove the line while something else is written."""
        with self._lock:
            self._clear()
            try:
                yield
            finally:
                self._draw()

    def close(self) -> None:
        """Remove the line for good."""
        self._ended.set()
        self.show(None)
        self._thread.join(self._redraw + 1)

    def _tick(self) -> None:
        while not self._ended.wait(self._redraw):
            self.update()

    def _draw(self) -> None:
        self._drawn_at = time.monotonic()
        if self._phase is None:
            self._clear()
            return
        marks = ("━", "─") if _can_show(self._stream, "━─") else ("#", "-")
        columns = terminal_columns(self._stream)
        text = self._phase.line(columns, *marks)
        # Blank the rest, and leave the cursor after the text, where a terminal prints ^C.
        blank = " " * (columns - 1 - display_width(text))
        self._write(f"\r{text}{blank}\r{text}" if blank else f"\r{text}")
        self._shown = True

    def _clear(self) -> None:
        if self._shown:
            self._write("\r" + " " * (terminal_columns(self._stream) - 1) + "\r")
            self._shown = False

    def _write(self, text: str) -> None:
        with suppress(OSError, ValueError):  # nobody reads it any more
            self._stream.write(text)
            self._stream.flush()


def terminal_columns(stream: TextIO) -> int:
    """Return the width of a stream's terminal; 80 if it is unknown."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError, AttributeError):
        return 80


def _can_show(stream: TextIO, text: str) -> bool:
    try:
        text.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


# Messages on stderr, above the line if there is one.


PLAIN_LINE_SECONDS = 10.0
#: With more epochs than this, only every second, third, … is shown, and the last.
MOST_EPOCH_LINES = 30
_UNITS = {"reading": "bytes", "encoding": "bytes", "counting": "bytes", "checking": "bytes"}
_UNITS |= {"numbering": "words", "counting pairs": "words"}

#: The line at the foot of the terminal, if any; removed while something else is written.
_line: ProgressLine | None = None


def tell(message: str) -> None:
    """Write a line to stderr; a closed stderr does not end a training."""
    text = one_line(message)
    with suppress(OSError, ValueError):
        if sys.stderr.isatty():
            text = wrapped(text, terminal_columns(sys.stderr))
        with _line.above() if _line is not None else nullcontext():
            click.echo(text, err=True)


def notice(message: str) -> None:
    """Print a note to stderr."""
    tell(f"note: {message}")


# How a training is stopped.


#: By then a call from C code into Python has returned.
_SECONDS_TO_RETURN = 0.05


class StopSignals:
    """Ctrl-C, SIGTERM and SIGHUP: an exception before `defer` is called, a clean stop afterwards.

    Before `defer` there is nothing to save, and unfinished files are removed. A second signal ends
    the process at once; the last checkpoint remains.

    If a signal arrives while C code calls back into Python, as when compiled code is loaded, Python
    can only ignore its exception. Then the signal is sent again.
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
            # A library that was being imported may have replaced our exception with its own.
            sys.exit(128 + (self.received or 0))

    def defer(self) -> None:
        """Make the first signal only ask to stop."""
        self._deferred = True

    def exit(self, message: str) -> None:
        """Exit with the code of the signal that was received: 130, 143 or 129."""
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


# What a run is doing: on the line, or without a terminal in plain lines.


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
        """Print a note, above the line if there is one."""
        notice(message)

    def reading(
        self, phase: str, done: int, total: int, n_tokens: int = 0, files: tuple[int, int] = (0, 0)
    ) -> None:
        """Show the progress of the preparation; see `text.plan.Progress`."""
        if phase != self._phase.name:
            self._open(Phase(phase, total, _UNITS.get(phase, "")))
            if _line is None:
                tell(phase if " " in phase else f"{phase} the corpus")
        shown = self._phase
        shown.done, shown.total, shown.n_tokens, shown.files = done, total, n_tokens, files
        self._update()

    def start(self, run: "TrainingRun") -> None:
        """Print what is going to be trained."""
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
        """Print the result."""
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
        """Whether the epoch gets a line; scores and held-out losses are always shown."""
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
        """Redraw the line; without a terminal, print one from time to time."""
        if _line is not None:
            _line.update()
        elif time.monotonic() - self._shown_at > PLAIN_LINE_SECONDS:
            self._shown_at = time.monotonic()
            tell(self._phase.plain())

    def hide(self) -> None:
        """Remove the line; the next phase shows it again."""
        if _line is not None:
            _line.show(None)

    def _close(self) -> None:
        global _line  # noqa: PLW0603
        if _line is not None:
            _line.close()
            _line = None


def _short_figures(report: "Report") -> str:
    """The figures that fit into the line."""
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
