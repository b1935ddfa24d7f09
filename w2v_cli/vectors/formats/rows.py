"""Rows of numbers that come a few at a time, into one file: `.npy`, or text separated by tabs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from w2v_cli.errors import UsageError
from w2v_cli.storage.atomic import atomic_write

Rows = NDArray[np.float32]
Write = Callable[[Rows], None]


def row_writer(path: Path, dim: int) -> AbstractContextManager[Write]:
    """Open a file for rows of length D, chosen by its name: `.npy` or `.tsv`.

    Whole or not at all. Raises UsageError for another name.
    """
    if path.suffix == ".npy":
        return _npy(path, dim)
    if path.suffix == ".tsv":
        return _tsv(path)
    raise UsageError(f"the name {path.name} does not imply a format; end it in .npy or .tsv")


def write_tsv(rows: Rows, file: BinaryIO) -> None:
    """Write rows as text, nine digits (float32 exactly)."""
    line = "\t".join(["%.9g"] * rows.shape[1]) + "\n"
    file.writelines((line % tuple(row.tolist())).encode() for row in rows)


@contextmanager
def _tsv(path: Path) -> Iterator[Write]:
    with atomic_write(path) as file:
        yield lambda rows: write_tsv(rows, file)


@contextmanager
def _npy(path: Path, dim: int) -> Iterator[Write]:
    """Write the header again when the number of rows is known: NumPy leaves room in it."""
    n = 0
    with atomic_write(path) as file:

        def write(rows: Rows) -> None:
            nonlocal n
            file.write(np.ascontiguousarray(rows, dtype="<f4").data)
            n += len(rows)

        _npy_header(file, 0, dim)
        start = file.tell()
        yield write
        file.seek(0)
        _npy_header(file, n, dim)
        assert file.tell() == start


def _npy_header(file: BinaryIO, n: int, dim: int) -> None:
    header = {"descr": "<f4", "fortran_order": False, "shape": (n, dim)}
    np.lib.format.write_array_header_1_0(file, header)


def rows_of(file: BinaryIO, dim: int, n_rows: int) -> Iterator[Rows]:
    """Read raw float32 rows back, n_rows at a time."""
    while data := file.read(4 * dim * n_rows):
        yield np.frombuffer(data, "<f4").reshape(-1, dim)
