"""Making and removing folders with their contents."""

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from w2v_cli.storage import files

_LEFTOVER = re.compile(r"\.(.+\.)?[0-9a-f]{12}\.tmp")


def make_folders(path: Path) -> None:
    """Make a folder and its missing parents, and sync the folders that got a new entry.

    Raises:
        OSError: it cannot be made, or a file has its name.
    """
    if path.is_dir():
        return
    make_folders(path.parent)
    files.make_folder(path)
    files.sync_folder(path.parent)


def remove_tree(folder: Path) -> None:
    """Remove a folder and its contents; a missing one is no error."""
    if folder.is_symlink():  # its target is not ours
        files.unlink(folder)
    for name, folders, entries in os.walk(folder, topdown=False):
        path = Path(name)
        for entry in [*entries, *folders]:
            if entry in entries or (path / entry).is_symlink():
                files.unlink(path / entry)
        files.remove_folder(path)


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files that a killed process has left in a folder."""
    for entry in sorted(folder.glob(".*.tmp")):
        if not is_leftover(entry.name):
            continue
        if entry.is_dir():
            remove_tree(entry)
        else:
            files.unlink(entry)


def is_leftover(name: str) -> bool:
    """Whether a name is that of a temporary file of this package."""
    return _LEFTOVER.fullmatch(name) is not None


@contextmanager
def temporary_folder(parent: Path) -> Iterator[Path]:
    """Give an empty folder in `parent` that is removed when the block ends.

    Its name has the form of leftovers (`.….tmp`), in case the process is killed.
    """
    folder = parent / f".{secrets.token_hex(6)}.tmp"
    files.make_folder(folder)
    try:
        yield folder
    finally:
        with suppress(OSError):
            remove_tree(folder)
