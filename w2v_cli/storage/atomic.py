"""Files and folders that appear whole or not at all.

The recipe: write a temporary file in the folder of the target, flush it to the
disk, rename it over the target, flush the folder. A reader, or a machine that
loses power, sees the old file or the new one, never a half of either.
"""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from w2v_cli.errors import NO_ROOM
from w2v_cli.storage import files
from w2v_cli.storage.folders import make_folders, remove_tree


@contextmanager
def atomic_write(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open a binary file that takes the place of ``path`` when the block ends.

    Missing parent folders are made. Any exception, Ctrl-C included, removes the
    temporary file and leaves ``path`` unchanged. A symbolic link is followed:
    its target is replaced. A library that wants a file name rather than
    an open file may write to the handle's ``.name``.

    Raises:
        OSError: the folder cannot be written, or ``path`` is a folder or a device.
    """
    target = _target(path)
    if target.exists() and not target.is_file():
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    temporary = _temporary_name(target)
    try:
        with files.open_binary(temporary, "xb") as file:
            yield file
        _sync_file(temporary)
        files.replace(temporary, target)
    except BaseException as error:
        _name_as_user(error, temporary, path)
        with suppress(OSError):  # the first error says more; the next start removes leftovers
            files.unlink(temporary)
        raise
    files.sync_folder(target.parent)


@contextmanager
def atomic_folder(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give an empty folder that takes the name ``path`` when the block ends.

    For several files that are only useful together. An existing empty folder is
    replaced; any other is refused, because a folder cannot be exchanged in one step.

    Raises:
        OSError: ``path`` exists and is not an empty folder, or cannot be written.
    """
    target = _target(path)
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY), str(path))
    temporary = _temporary_name(target)
    try:
        files.make_folder(temporary)
        yield temporary
        for entry in [*temporary.rglob("*"), temporary]:
            if entry.is_dir():
                files.sync_folder(entry)
            else:
                _sync_file(entry)
        if target.exists():
            files.remove_folder(target)
        files.replace(temporary, target)
    except BaseException as error:
        _name_as_user(error, temporary, path)
        with suppress(OSError):
            remove_tree(temporary)
        raise
    files.sync_folder(target.parent)


def _name_as_user(error: BaseException, temporary: Path, path: str | os.PathLike[str]) -> None:
    """Put the name that the user knows into an error that names the temporary file, or no file."""
    if not isinstance(error, OSError):
        return
    name, start = error.filename, str(temporary)
    if name is None and error.errno in NO_ROOM:  # a library wrote through a handle of its own
        error.filename = os.fspath(path)
    elif isinstance(name, str) and (name == start or name.startswith(start + os.sep)):
        error.filename = os.fspath(path) + name[len(start) :]


def _target(path: str | os.PathLike[str]) -> Path:
    target = Path(os.path.realpath(os.path.expanduser(path)))
    make_folders(target.parent)
    return target


def _temporary_name(target: Path) -> Path:
    # Hidden, and short even for a long name: file names end at 255 bytes.
    return target.with_name(f".{target.name[:40]}.{secrets.token_hex(6)}.tmp")


def _sync_file(path: Path) -> None:
    # Opened again by name: a library may have written through its own handle.
    with files.open_binary(path, "r+b") as file:
        files.sync(file)
