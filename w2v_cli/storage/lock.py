"""A lock on a folder that ends when the process that holds it ends, in whatever way.

The operating system keeps the lock (`flock`, on Windows a locked byte), so a crash releases it. The
file `.lock` may remain; it names the process and locks nothing by itself.
"""

import errno
import json
import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from w2v_cli.errors import RunError
from w2v_cli.storage import files

NAME = ".lock"
#: On Windows a locked byte cannot be read, so the locked one is far behind the note.
_LOCKED_BYTE = 1 << 20


class FolderLock:
    """Holds a folder from its creation until `release`, or until it is garbage-collected."""

    def __init__(self, folder: Path) -> None:
        """Lock a folder that exists.

        Raises:
            RunError: another process, or another run of this one, holds it.
            OSError: the folder cannot be written.
        """
        self._path = folder / NAME
        self._file: BinaryIO | None = None
        while self._file is None:
            file = files.open_binary(self._path, "a+b")
            if not _lock(file):
                file.close()
                raise RunError(f"{folder} is in use{_holder(self._path)}; {_NEXT_STEP}")
            if _is_still(file, self._path):
                self._file = file
            else:  # its holder has just removed it
                file.close()
        note = {"pid": os.getpid(), "since": time.strftime("%Y-%m-%d %H:%M:%S")}
        self._file.truncate(0)
        self._file.write(json.dumps(note).encode())
        self._file.flush()

    def release(self) -> None:
        """Release the folder; releasing twice does nothing."""
        if self._file is None:
            return
        file, self._file = self._file, None
        try:
            with suppress(OSError):  # the file locks nothing: it may stay
                files.unlink(self._path)
        finally:
            with suppress(OSError):
                file.close()

    def __del__(self) -> None:
        """Release the folder of a run that was never trained."""
        if getattr(self, "_file", None) is not None:
            self.release()


_NEXT_STEP = "wait until it has ended, stop it, or choose another folder"


def _holder(path: Path) -> str:
    """The holder of a lock, as named in the file."""
    try:
        note = json.loads(path.read_bytes())
        return f" by process {int(note['pid'])} since {note['since']:.19}"
    except (OSError, ValueError, KeyError, TypeError):
        return " by another process"


def _is_still(file: BinaryIO, path: Path) -> bool:
    """Whether the open file is still the one at that path."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


if sys.platform == "win32":
    import msvcrt

    def _lock(file: BinaryIO) -> bool:
        """Lock an open file; False when somebody else has."""
        file.seek(_LOCKED_BYTE)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(file: BinaryIO) -> bool:
        """Lock an open file; False when somebody else has."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:  # some network file systems have no locks: train without one
            if error.errno not in (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP):
                raise
        return True
