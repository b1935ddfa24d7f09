"""The grader's side of the process that runs a user's code: jobs, limits, captured output."""

import contextlib
import json
import math
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from w2v_cli.errors import visible
from w2v_cli.grader.case import Case
from w2v_cli.grader.cases import packed_arguments
from w2v_cli.grader.worker.calls import Answer, Variant
from w2v_cli.grader.worker.main import END_MARK

# What a user's code prints: all of it is read, but only the beginning is kept.


_KEPT = 4000
_MOST = 50_000_000


class Output:
    """Reads all output so that no writer blocks, and keeps the beginning for each job."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._kept, self._seen = bytearray(), 0
        self._tail = b""
        self._marks = threading.Semaphore(0)
        assert process.stderr is not None
        self._reader = threading.Thread(target=self._drain, args=(process.stderr,), daemon=True)
        self._reader.start()

    def _drain(self, stream: IO[bytes]) -> None:
        mark = END_MARK.encode()
        while chunk := stream.read1(65536):  # type: ignore[attr-defined]
            self._seen += len(chunk)
            if mark in self._tail + chunk:
                self._marks.release()
            self._tail = (self._tail + chunk)[-len(mark) + 1 :]
            self._kept += chunk[: max(0, _KEPT + len(mark) - len(self._kept))]
        stream.close()

    @property
    def flooded(self) -> bool:
        """Whether far more was printed than anyone would read."""
        return self._seen > _MOST

    def restart(self) -> None:
        """Forget what an earlier job printed."""
        self._kept.clear()
        self._seen = 0

    def text(self) -> str:
        """Return the beginning of what has been printed so far."""
        self._reader.join(timeout=0.3)
        return self._beginning()

    def until_mark(self) -> str:
        """Wait for the end of the job's output, then return its beginning."""
        self._marks.acquire(timeout=1)
        return self._beginning()

    def _beginning(self) -> str:
        """Return what was kept, without characters that control a terminal or break XML."""
        shown = bytes(self._kept).decode(errors="replace").replace(END_MARK, "")
        return visible(shown, keep="\n\t")[:_KEPT]


# Jobs and limits.


_START = (
    "import importlib.machinery as m, importlib.util as u, sys;"
    "s = m.ModuleSpec('_grading', None, is_package=True);"
    "s.submodule_search_locations.append({folder!r});"
    "sys.modules['_grading'] = u.module_from_spec(s);"
    "from _grading.main import main; main()"
)
"""Starts the worker's folder as a separate package, without loading w2v itself."""
_LONGEST_TEXT = 2000
_TO_COMPILE = 4
"""A function that numba compiles first gets this many times the limit."""
FORKS = hasattr(os, "fork")
"""Whether one process serves all functions, each in a fork; otherwise each gets its own process."""


@dataclass(frozen=True)
class Limits:
    """What each function, and loading the file, may use.

    seconds: wall-clock time. memory_mb: address space. file_mb: size of a file that it writes.
    The limits on memory and file size need a POSIX system.
    """

    seconds: float = 10.0
    memory_mb: int = 4096
    file_mb: int = 64


@dataclass(frozen=True)
class Outcome:
    """The result of one job.

    answers: one for every call that returned or raised. announced: what the worker said before
    the first call. output: the beginning of what the user's code printed. timed_out: the time
    limit was reached. exit_code: negative for a signal. flooded: it printed without end.
    broken: something arrived on the private pipe that the worker never writes.
    """

    answers: list[Answer]
    announced: Answer
    output: str = ""
    timed_out: bool = False
    exit_code: int = 0
    flooded: bool = False
    broken: bool = False

    @property
    def death(self) -> str | None:
        """How the process died, or None if it ended normally."""
        if self.broken:
            return "wrote to the grader's private pipe, and was stopped"
        if self.timed_out or self.exit_code == 0:
            return None
        if self.exit_code < 0:
            try:
                name = signal.Signals(-self.exit_code).name
            except ValueError:
                name = f"signal {-self.exit_code}"
            return f"crashed ({name})"
        return f"ended the process (exit code {self.exit_code})"


class Worker:
    """One file, loaded in a process of its own. Use it in a `with` statement.

    `loaded` holds the report of the import as its only answer.
    """

    def __init__(self, file: Path, limits: Limits) -> None:
        self._file, self._limits = file.resolve(), limits
        self._start()

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *exception: object) -> None:
        self._end()

    def _start(self) -> None:
        self._process = _spawn(self._file, self._limits)
        self._output = Output(self._process)
        self._lines = Lines(self._process.stdout)
        self._children: list[int] = []
        report, timed_out = self._read(time.monotonic() + self._limits.seconds)
        if report is not None and "functions" not in report:
            report, self._lines.broken = None, True
        if report is None:
            self._end()
        code = self._process.returncode or 0
        answers = [] if report is None else [report]
        shown = self._output.text() if report is None else self._output.until_mark()
        broken = report is None and self._lines.broken
        self.loaded = Outcome(answers, {}, shown, timed_out, code, broken=broken)
        compiled = report["compiled"] if report else []
        self._compiled = _texts({"compiled": compiled}, "compiled")

    def _kill(self) -> None:
        for child in self._children:
            _kill_group(child)
        _kill_group(self._process.pid)
        self._process.kill()

    def _end(self) -> None:
        self._kill()
        self._process.wait()
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()

    def _read(self, deadline: float) -> tuple[Answer | None, bool]:
        """Wait for one object. Without one, return None and whether the time was up."""
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                return None, True
            try:
                return self._lines.get(timeout=min(left, 0.5)), False
            except queue.Empty:
                if self._output.flooded:
                    return None, True

    def _write(self, message: Answer) -> bool:
        """Send one object; return False if nobody reads it."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            return False
        return True

    def run(
        self,
        function: str,
        kind: str,
        variant: Variant,
        cases: Sequence[Case],
        replaced: Sequence[str] = (),
    ) -> Outcome:
        """Call one function of the file with all cases, in a process forked for it.

        replaced: functions of the file to replace with correct ones.
        """
        if self._process.poll() is not None:
            self._start()
        self._output.restart()
        seconds = self._limits.seconds
        if function in self._compiled:
            seconds *= _TO_COMPILE
        job: Answer = {
            "job": 1,
            "seconds": seconds,
            "function": function,
            "kind": kind,
            "layout": variant.layout,
            "center": variant.center,
            "replace": list(replaced),
        }
        deadline = time.monotonic() + seconds
        # A write can block if the process forges answers and does not read its calls.
        watchdog = threading.Timer(seconds + 1, self._kill)
        watchdog.start()
        try:
            self._write(job)
            outcome = self._converse(cases, variant, deadline)
        finally:
            watchdog.cancel()
        incomplete = len(outcome.answers) < len(cases)
        if outcome.timed_out or incomplete or not FORKS or self._process.poll() is not None:
            self._end()  # the next job starts the file again
        return outcome

    def _converse(self, cases: Sequence[Case], variant: Variant, deadline: float) -> Outcome:
        answers: list[Answer] = []
        announced: Answer = {}
        calls = self._calls(cases, variant)
        while True:
            message, timed_out = self._read(deadline)
            if message is None and self._lines.broken:
                self._end()
                return Outcome(answers, announced, self._output.text(), broken=True)
            if message is None:
                if not timed_out:
                    self._process.wait()
                for child in self._children:
                    _kill_group(child)
                code = 0 if timed_out else self._process.returncode
                flooded = self._output.flooded
                shown = self._output.text()
                return Outcome(answers, announced, shown, timed_out, code, flooded)
            if "started" in message:
                child = int(str(message["started"]))
                self._children = [child] if child not in (0, 1, os.getpid()) else []
                continue
            if "ended" in message:
                for child in self._children:
                    _kill_group(child)  # processes that it started and left behind
                code = int(str(message["ended"]))
                return Outcome(answers, announced, self._output.until_mark(), False, code)
            if "roles" in message or "unbound" in message or "missing" in message:
                announced = message
            else:
                answers.append(message)
            if not next(calls) and not FORKS:
                return Outcome(answers, announced, self._output.text())

    def _calls(self, cases: Iterable[Case], variant: Variant) -> Iterator[bool]:
        """Send one call at each step, and yield whether there was one to send."""
        for case in cases:
            self._write({"arguments": packed_arguments(case, variant), "draws": list(case.draws)})
            yield True
        while True:
            self._write({"done": True})
            yield False


def _spawn(file: Path, limits: Limits) -> subprocess.Popen[bytes]:
    settings = {
        "file": str(file),
        "time_limit": limits.seconds,
        "memory_mb": limits.memory_mb,
        "file_mb": limits.file_mb,
        "forks": FORKS,
    }
    folder = str(Path(__file__).resolve().parent / "worker")
    environment = {
        **os.environ,
        "MPLBACKEND": "Agg",  # a file that plots must not wait for someone to close its window
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONIOENCODING": "utf-8",
    }
    return subprocess.Popen(
        [sys.executable, "-P", "-c", _START.format(folder=folder), json.dumps(settings)],
        cwd=file.parent,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


# Messages on the private pipe. The user's code can write there too.


_LONGEST_LINE = 16_000_000
"""Bytes of one answer; the largest correct one has 3 million."""
_MOST_WAITING = 50
"""Objects that have not been read yet; a worker waits for a call before it answers again."""


class NoAnswerError(Exception):
    """Something arrived that the worker never writes."""


def checked(message: object) -> Answer:
    """Return a message that the worker may have written, with its texts made safe to print.

    Raises NoAnswerError: the worker cannot have written it.
    """
    if not isinstance(message, dict):
        raise NoAnswerError
    known = message.keys() & {"started", "ended", "roles", "missing", "unbound", "functions"}
    if not known and not message.keys() & {"returned", "error"}:
        raise NoAnswerError
    for key in ("started", "ended"):
        if not isinstance(message.get(key, 0), int):
            raise NoAnswerError
    if "functions" in message:
        _check_report(message)
    elif not known:
        for key in ("mutated", "passed"):
            _texts(message, key)
        _list(message, "drawn")
    if "returned" in message:
        message["returned"] = [_checked_part(part) for part in _list(message, "returned")]
    if message.get("error") is not None:
        message["error"] = _checked_error(message["error"])
    return message


def _list(message: Answer, key: str) -> list[object]:
    value = message.get(key)
    if not isinstance(value, list):
        raise NoAnswerError
    return value


def _texts(message: Answer, key: str) -> list[object]:
    values = _list(message, key)
    if not all(isinstance(value, str) for value in values):
        raise NoAnswerError
    return values


def _check_report(report: Answer) -> None:
    """Check the worker's report on a file that it has loaded."""
    functions = report["functions"]
    if not isinstance(functions, dict):
        raise NoAnswerError
    for name in functions:
        _texts(functions, name)
    for key in ("helpers", "stand_ins", "networks", "skipped", "compiled"):
        report[key] = [visible(str(text)[:_LONGEST_TEXT]) for text in _texts(report, key)]
    imported = report.get("imported")
    if not isinstance(imported, dict) or not all(isinstance(m, str) for m in imported.values()):
        raise NoAnswerError


def _checked_error(error: object) -> Answer:
    """Check the worker's description of an exception; its texts come from the user's code."""
    if not isinstance(error, dict) or not isinstance(error.get("line"), int | None):
        raise NoAnswerError
    texts = [error.get(key, "") for key in ("type", "message", "text", "place")]
    if not all(isinstance(text, str) for text in texts):
        raise NoAnswerError
    shown = [visible(str(text)[:_LONGEST_TEXT], "\n") for text in texts]
    return error | dict(zip(("type", "message", "text", "place"), shown, strict=True))


def _checked_part(part: object) -> Answer:
    """Check a returned value: an array with as many numbers as its shape has, or a type name."""
    if not isinstance(part, dict) or part.get("kind") not in ("array", "none", "other"):
        raise NoAnswerError
    if part["kind"] == "array":
        shape, numbers = _list(part, "shape"), _list(part, "numbers")
        sizes = [n for n in shape if isinstance(n, int) and n >= 0]
        if len(sizes) < len(shape) or math.prod(sizes) != len(numbers):
            raise NoAnswerError
        if not all(isinstance(x, float) for x in numbers):
            raise NoAnswerError
    names = {key: visible(str(part[key])[:80]) for key in ("type", "dtype") if key in part}
    return part | names


class Lines:
    """Reads objects in the background until the stream ends or a message is `broken`."""

    def __init__(self, stream: IO[bytes] | None) -> None:
        assert stream is not None
        self._stream = stream
        self._waiting: queue.Queue[Answer | None] = queue.Queue()
        self.broken = False
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        with self._stream:
            try:
                while line := self._stream.readline(_LONGEST_LINE):
                    if self._waiting.qsize() > _MOST_WAITING or not line.endswith(b"\n"):
                        raise NoAnswerError
                    self._waiting.put(checked(json.loads(line)))
            except (OSError, ValueError, RecursionError, NoAnswerError):
                self.broken = True
        self._waiting.put(None)

    def get(self, timeout: float) -> Answer | None:
        """Wait for the next object. Raises queue.Empty after `timeout` seconds."""
        return self._waiting.get(timeout=timeout)


def _kill_group(process: int) -> None:
    """End a process and all its children that are still in its group."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process, signal.SIGKILL)
