"""Run the worker in a process of its own: time limit, captured output, clean end."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

_START = "import sys; sys.path.append({root!r});from w2v_cli.grader.worker import main; main()"
_KEPT_OUTPUT = 4000


@dataclass(frozen=True)
class Outcome:
    """What became of one process.

    answers: the objects that the worker wrote. output: what the user's code printed (the
    beginning of it). timed_out: the limit was reached. exit_code: negative for a signal.
    """

    answers: list[dict[str, Any]]
    output: str
    timed_out: bool
    exit_code: int

    @property
    def death(self) -> str | None:
        """How the process died, if it did not end by itself."""
        if self.timed_out or self.exit_code == 0:
            return None
        if self.exit_code < 0:
            try:
                return f"crashed ({signal.Signals(-self.exit_code).name})"
            except ValueError:
                return f"crashed (signal {-self.exit_code})"
        return f"ended the process (exit code {self.exit_code})"


def run_worker(
    file: Path, time_limit: float, function: str | None = None, kind: str = "", layout: str = "rows"
) -> Outcome:
    """Load the file in a new process and call one function of it with all its cases.

    With ``function`` None the file is only loaded and its functions listed. The process is
    killed, with all that it started, after ``time_limit`` seconds.
    """
    with tempfile.TemporaryDirectory(prefix="w2v-gradcheck-") as folder:
        answers = Path(folder) / "answers.jsonl"
        job = {
            "file": str(file.resolve()),
            "function": function,
            "kind": kind,
            "layout": layout,
            "answers": str(answers),
            "time_limit": time_limit,
        }
        output, timed_out, code = _run(_command(job), file.resolve().parent, time_limit)
        return Outcome(_read(answers), output, timed_out, code)


def _command(job: dict[str, Any]) -> list[str]:
    root = str(Path(__file__).resolve().parents[2])
    return [sys.executable, "-P", "-c", _START.format(root=root), json.dumps(job)]


def _run(command: Sequence[str], folder: Path, time_limit: float) -> tuple[str, bool, int]:
    environment = {
        **os.environ,
        "MPLBACKEND": "Agg",  # a file that draws must not wait for its window to be closed
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONIOENCODING": "utf-8",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    assert process.stdout is not None
    beginning: list[bytes] = []
    reader = threading.Thread(target=_drain, args=(process.stdout, beginning), daemon=True)
    reader.start()
    timed_out = False
    try:
        process.wait(time_limit)
    except subprocess.TimeoutExpired:
        timed_out = True
    finally:
        _kill(process)
        reader.join(timeout=1)
    return b"".join(beginning).decode(errors="replace"), timed_out, process.returncode


def _drain(stream: IO[bytes], beginning: list[bytes]) -> None:
    """Read all that is printed, so that nobody waits; keep the beginning."""
    kept = 0
    while chunk := stream.read1(65536):  # type: ignore[attr-defined]
        beginning.append(chunk[: max(0, _KEPT_OUTPUT - kept)])
        kept += len(chunk)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the process and all that it started."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        process.kill()
    process.wait()


def _read(answers: Path) -> list[dict[str, Any]]:
    """Read the complete lines of the answer file."""
    try:
        text = answers.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in text.split("\n")[:-1]]
