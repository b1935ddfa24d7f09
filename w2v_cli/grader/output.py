"""What a user's code prints: read all of it, keep the beginning."""

import subprocess
import threading
from typing import IO

from w2v_cli.errors import visible
from w2v_cli.grader.worker.main import END_MARK

_KEPT = 4000
_MOST = 50_000_000


class Output:
    """Reads all that is printed, so that nobody waits; keeps the beginning of each job's."""

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
        """Whether far more is printed than anybody would read."""
        return self._seen > _MOST

    def restart(self) -> None:
        """Forget what an earlier job printed."""
        self._kept.clear()
        self._seen = 0

    def text(self) -> str:
        """Return the beginning of what has been printed so far."""
        self._reader.join(timeout=0.3)
        return self._shown()

    def until_mark(self) -> str:
        """Wait for the end of the job's output, then return its beginning."""
        self._marks.acquire(timeout=1)
        return self._shown()

    def _shown(self) -> str:
        """Return what was kept, with nothing in it that steers a terminal or breaks XML."""
        shown = bytes(self._kept).decode(errors="replace").replace(END_MARK, "")
        return visible(shown, keep="\n\t")[:_KEPT]
