"""The files that tasks leave: each whole or absent, named by what went into it."""

import hashlib
import json
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from w2v_cli.arrays import Array
from w2v_cli.corpus.word_table import WordTable, table_from
from w2v_cli.errors import DataError, RunError
from w2v_cli.storage.tensors import identity, read_metadata, read_tensors, write_tensors
from w2v_cli.version import package_version

#: Folder in an unfinished COUNTS folder with the parts.
PARTS = ".parts"
#: Of the files; one of another format is not taken for the result of a call.
_FORMAT = 2
_FIGURES = "figures"


@dataclass(frozen=True)
class Part:
    """A file that a task has written: its name in the folder of parts, and its checksum.

    n_bytes: its size. figures: sums over the text in it, by name.
    """

    name: str
    checksum: str
    n_bytes: int
    figures: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Job:
    """A call of `task(*arguments, target, memory)`, which writes the file `target` in `folder`.

    n_bytes: how much it reads, for progress. memory: in bytes, for words or pairs; results do not
    depend on it.
    """

    task: Callable[..., Part]
    arguments: tuple[Any, ...]
    folder: str
    name: str
    n_bytes: int
    memory: float

    def run(self) -> Part:
        """Return the part that is there already, else make it.

        Raises what the task raises; RunError when the file cannot be written.
        """
        path = Path(self.folder) / self.name
        try:
            return find_part(path) or self.task(*self.arguments, path, self.memory)
        except OSError as error:
            raise cannot_write(path.parent, error) from error


def job(
    task: Callable[..., Part],
    arguments: tuple[Any, ...],
    folder: Path,
    n_bytes: int,
    memory: float,
) -> Job:
    """Name a call by the hash of what goes into it."""
    content = msgspec.json.encode([_FORMAT, package_version(), task.__name__, arguments])
    key = hashlib.blake2b(content, digest_size=16).hexdigest()
    name = f"{task.__name__.replace('_', '-')}-{key}.safetensors"
    return Job(task, arguments, str(folder), name, n_bytes, memory)


def cannot_write(folder: Path, error: OSError) -> RunError:
    """Return the error of a disk that is full or fails, with the machine where that is so."""
    reason = error.strerror or error
    return RunError(
        f"cannot write to {folder} on {platform.node()}: {reason}; mend that, then run the same"
        " command again: it goes on from what is done"
    )


def find_part(path: Path) -> Part | None:
    """Return the part in a file that is whole; its arrays are checked when they are read."""
    try:
        return _part(path, json.loads(read_metadata(path)[_FIGURES]))
    except (OSError, DataError, KeyError, ValueError):
        return None


def write_part(path: Path, arrays: Mapping[str, Array], figures: Mapping[str, int]) -> Part:
    """Write arrays and figures. Raises OSError when the file cannot be written."""
    write_tensors(path, arrays, {_FIGURES: json.dumps(figures)})
    return _part(path, figures)


def read_part(folder: Path, part: Part) -> dict[str, Array]:
    """Map the arrays of a part into memory.

    Raises RunError when it is missing, damaged or another one than was written.
    """
    path = folder / part.name
    try:
        arrays, _ = read_tensors(path)
        if identity(path) == part.checksum:
            return arrays
        reason = "its checksum differs"
    except (OSError, DataError) as error:
        reason = str(error)
    raise RunError(
        f"{path} cannot be used: {reason}; delete it and run the same command again."
        " It goes on from the other files"
    )


def _part(path: Path, figures: Mapping[str, int]) -> Part:
    return Part(path.name, identity(path), path.stat().st_size, figures)


def table_of_part(arrays: Mapping[str, Array], figures: Mapping[str, int]) -> WordTable:
    """Return the table of words that a part holds."""
    return table_from(arrays["arena"], figures["n_distinct"])


def added(figures: Sequence[Mapping[str, int]], names: Sequence[str]) -> dict[str, int]:
    """Add up figures by name."""
    return {name: sum(some[name] for some in figures) for name in names}
