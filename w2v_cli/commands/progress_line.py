"""One line at the foot of a terminal that shows how far a phase has come.

    reading   42% ━━━━━━━━━━━━──────────────── 27 of 66 MB, 11 M words/s, 3 s left

It is as wide as it has to be and never as wide as the terminal: what does not fit is left out,
the last part first. A thread redraws it twice a second, so that it lives through work that reports
nothing. Whatever else is written to the terminal goes through `above`, which takes the line away
for that time.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import RLock, Thread
from typing import TextIO

from w2v_cli.commands.plain_text import display_width

REDRAW_SECONDS = 0.5
_SHORTEST_RATE = 0.5  # seconds after which a rate says something
_BAR_WIDTHS = (28, 20, 12)
_PHASE_WIDTH = 9


@dataclass
class Phase:
    """How far one phase has come.

    done, first: of `total`; first: where this session began. total 0: nobody knows. unit: "bytes",
    "words" or "" (not shown). n_tokens: words so far, where they are not what is counted. files:
    number of the file at work and how many there are. text: shown instead of words per second.
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
        """How much is done, 0 to 1."""
        return min(1.0, self.done / self.total) if self.total > 0 else 0.0

    def details(self) -> list[str]:
        """What there is to say besides the share, the most important first."""
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
        """Return one line for where there is no terminal."""
        return f"{self.name}: {self.share:.0%}, {', '.join(self.details())}"

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
    """The line on one terminal. Without a phase nothing is shown."""

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
        """What is shown."""
        return self._phase

    def show(self, phase: Phase | None) -> None:
        """Show another phase, or nothing."""
        with self._lock:
            self._phase = phase
            self._draw()

    def update(self) -> None:
        """Draw again, if some time has passed."""
        if time.monotonic() - self._drawn_at > self._redraw / 5:
            with self._lock:
                self._draw()

    @contextmanager
    def above(self) -> Iterator[None]:
        """Take the line away while something else is written."""
        with self._lock:
            self._clear()
            try:
                yield
            finally:
                self._draw()

    def close(self) -> None:
        """Take the line away for good."""
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
        # Blank the rest, and leave the cursor after the text, where Ctrl-C shows as ^C.
        blank = " " * (columns - 1 - display_width(text))
        self._write(f"\r{text}{blank}\r{text}" if blank else f"\r{text}")
        self._shown = True

    def _clear(self) -> None:
        if self._shown:
            self._write("\r" + " " * (terminal_columns(self._stream) - 1) + "\r")
            self._shown = False

    def _write(self, text: str) -> None:
        with suppress(OSError, ValueError):  # nobody can read it any more
            self._stream.write(text)
            self._stream.flush()


def terminal_columns(stream: TextIO) -> int:
    """Return the width of a stream's terminal, 80 where it does not say."""
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
