"""The operations that change a disk. A training uses no others.

They are few and thin, so that tests can replace them with a faulty disk: one that fails or ends the
process at the n-th operation, or loses what was not synced. Call them as `files.replace(…)`; tests
cannot replace a function that was imported by name.
"""

import errno
import os
from pathlib import Path
from typing import BinaryIO, Literal

Mode = Literal["wb", "xb", "ab", "w+b", "a+b", "r+b"]


def open_binary(path: Path, mode: Mode) -> BinaryIO:
    """Open a file to write to it; the writes are buffered."""
    return open(path, mode)


def sync(file: BinaryIO) -> None:
    """Flush what was written to a file to the disk."""
    file.flush()
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
