"""Files and folders that appear whole or not at all.

The recipe: write a temporary file in the folder of the target, flush it to the
disk, rename it over the target, flush the folder. A reader, or a machine that
loses power, sees the old file or the new one, never a half of either.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def atomic_write(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open a binary file that takes the place of ``path`` when the block ends.

    Missing parent folders are made. Any exception, Ctrl-C included, removes the
    temporary file and leaves ``path`` as it was. A symbolic link is followed:
    what it points at is replaced. A library that wants a file name rather than
    an open file may write to the handle's ``.name``.

    Raises:
        OSError: the folder cannot be written, or ``path`` is a folder or a device.
    """
    target = _target(path)
    if target.exists() and not target.is_file():
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    temporary = _temporary_name(target)
    try:
        with open(temporary, "xb") as file:
            yield file
        _sync_file(temporary)
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


@contextmanager
def atomic_folder(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give an empty folder that takes the name ``path`` when the block ends.

    For things that are several files and make sense only together. An existing
    empty folder is replaced; one that holds anything is refused, because a folder
    cannot be exchanged in one step.

    Raises:
        OSError: ``path`` exists and is not an empty folder, or cannot be written.
    """
    target = _target(path)
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY), str(path))
    temporary = _temporary_name(target)
    temporary.mkdir()
    try:
        yield temporary
        for entry in [*temporary.rglob("*"), temporary]:
            if entry.is_dir():
                sync_folder(entry)
            else:
                _sync_file(entry)
        if target.exists():
            target.rmdir()
        os.replace(temporary, target)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Flush a folder's entries (new names, renames) to the disk."""
    if os.name == "nt":  # Windows cannot open a folder, and needs no such flush
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:  # some network file systems refuse: nothing to be done
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


def _target(path: str | os.PathLike[str]) -> Path:
    target = Path(os.path.realpath(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    return target


def _temporary_name(target: Path) -> Path:
    # Hidden, and short even for a long name: file names end at 255 bytes.
    return target.with_name(f".{target.name[:40]}.{secrets.token_hex(6)}.tmp")


def _sync_file(path: Path) -> None:
    # Opened again by name: a library may have written through its own handle.
    with open(path, "r+b") as file:
        os.fsync(file.fileno())
