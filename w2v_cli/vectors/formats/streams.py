"""What all formats share: recognising a file, how to read and write it, and rows of numbers."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from w2v_cli.errors import DataError, UsageError
from w2v_cli.storage.atomic import atomic_write
from w2v_cli.vectors.answers import Precision
from w2v_cli.vectors.formats.packed import MARK_BYTES, PARQUET_MARK, ZIP_MARKS


@dataclass(frozen=True)
class Content:
    """What formats look at to recognise a path.

    mark: the first 16 bytes; empty for a folder and for safetensors, whose first bytes are the
    length of a header, which can look like the mark of any format. is_tensors: a safetensors file.
    """

    path: Path
    mark: bytes
    is_tensors: bool = False

    @classmethod
    def of(cls, path: Path) -> Content:
        """Look at a file or folder.

        Raises:
            DataError: it is missing, or an empty file.
        """
        if path.is_dir():
            return cls(path, b"")
        if not path.exists():
            raise DataError(f"{path}: no such file or folder; give a run or a file of vectors")
        with open(path, "rb") as file:
            mark = file.read(MARK_BYTES)
        if not mark:
            raise DataError(f"{path}: the file is empty")
        header_bytes = int.from_bytes(mark[:8], "little")
        if mark[8:9] == b"{" and header_bytes <= path.stat().st_size - 8:
            return cls(path, b"", is_tensors=True)
        if path.suffix == ".safetensors" and mark[:4] not in (*ZIP_MARKS, PARQUET_MARK):
            return cls(path, b"", is_tensors=True)  # damaged; its reader reports that
        return cls(path, mark)

    @property
    def is_folder(self) -> bool:
        """Whether the path is a folder."""
        return not self.mark and not self.is_tensors

    def has(self, name: str) -> bool:
        """Whether the folder has such a file; of a `model.safetensors`: the folder it is in."""
        if self.is_tensors and self.path.name == "model.safetensors":
            return (self.path.parent / name).is_file()
        return self.is_folder and (self.path / name).is_file()


@dataclass(frozen=True)
class Reading:
    """How vectors are read.

    limit: only the first so many words; None: all. strict: refuse repeated words and words that
    are not UTF-8; else the first of equal words is kept, and replacement characters are put.
    """

    limit: int | None = None
    strict: bool = False


EVERYTHING = Reading()


@dataclass(frozen=True)
class Writing:
    """How vectors are written; a format uses what it can store.

    card: the text of the model card.
    """

    precision: Precision = "float32"
    card: str = ""


@contextmanager
def open_output(path: Path) -> Iterator[BinaryIO]:
    """Open a file that appears whole or not at all; a name in `.gz` compresses."""
    with atomic_write(path) as file:
        if path.suffix != ".gz":
            yield file
            return
        # No name and no time inside: the same vectors give the same bytes.
        with gzip.GzipFile("", "wb", 6, fileobj=file, mtime=0) as packed:
            yield cast(BinaryIO, packed)


# Rows of numbers written a few at a time to one file: `.npy`, or tab-separated text.


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
