"""The operations that change a disk. A training uses no others.

They are few and thin, so that tests can replace them with a faulty disk: one that fails or ends the
process at the n-th operation, or loses what was not synced. Call them as `files.replace(…)`; tests
cannot replace a function that was imported by name.
"""

import errno
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Literal, cast

#: Bytes that are collected before a write.
_BUFFER = 1 << 16

Mode = Literal["wb", "xb", "ab", "w+b", "a+b", "r+b"]


class _Named(io.FileIO):
    """A file whose write errors name it; those of Python's own files do not."""

    def write(self, data: Any) -> int:
        """Write bytes. Raises OSError that names the file."""
        with _naming(self.name):
            return super().write(data)


@contextmanager
def _naming(name: object) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        error.filename = error.filename or name
        raise


def open_binary(path: Path, mode: Mode) -> BinaryIO:
    """Open a file to write to it; the writes are buffered, and their errors name the file."""
    raw = _Named(os.fspath(path), mode)
    return cast(BinaryIO, (io.BufferedRandom if "+" in mode else io.BufferedWriter)(raw, _BUFFER))


def sync(file: BinaryIO) -> None:
    """Flush what was written to a file to the disk. Raises OSError that names the file."""
    file.flush()
    with _naming(file.name):
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Flush a folder's entries (new names, renames) to the disk."""
    if os.name == "nt":  # Windows cannot open a folder, and needs no such flush
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:  # some network file systems cannot do this
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


def replace(source: Path, target: Path) -> None:
    """Give `source` the name `target`, in one step."""
    os.replace(source, target)


def link(source: Path, target: Path) -> None:
    """Give a file a second name; raises OSError where the disk has no such links."""
    os.link(source, target)


def unlink(path: Path) -> None:
    """Remove a file; one that is missing is no error."""
    path.unlink(missing_ok=True)


def truncate(path: Path, n_bytes: int) -> None:
    """Cut a file to `n_bytes` bytes."""
    os.truncate(path, n_bytes)


def make_folder(path: Path) -> None:
    """Make one folder in a folder that exists; an existing one is no error."""
    path.mkdir(exist_ok=True)


def remove_folder(path: Path) -> None:
    """Remove an empty folder."""
    path.rmdir()


def write_bytes(path: Path, content: bytes) -> None:
    """Write a whole file, unsynced: for a folder that `atomic_folder` makes."""
    with open_binary(path, "wb") as file:
        file.write(content)
